use super::time::*;
use super::types::Stamp;

fn shown(found: Res<'_, Stamp>) -> Option<String> {
    found.ok().map(|(rest, stamp)| stamp.rfc3339() + rest)
}

#[test]
fn iso_stamps() {
    let of = |text| shown(iso(text).map(|(rest, iso)| (rest, iso.stamp))).unwrap_or_default();
    assert_eq!(of("2026-11-23T18:44:13.119Z x"), "2026-11-23T18:44:13.119Z x");
    assert_eq!(of("2026-11-23 18:44:13,119 +0200 x"), "2026-11-23T16:44:13.119Z x");
    assert_eq!(of("2026-11-23 18:44:13-05 x"), "2026-11-23T23:44:13Z x");
    assert_eq!(of("2026-11-23 18:44:13 UTC x"), "2026-11-23T18:44:13Z x");
    assert_eq!(of("2026-11-23 18:44:13 UTCx"), "2026-11-23T18:44:13 UTCx");
    assert_eq!(of("2026-11-23 18:44:13 -05 x"), "2026-11-23T18:44:13 -05 x");
    assert_eq!(of("2026-11-23 18:44:13 - x"), "2026-11-23T18:44:13 - x");
    for text in [
        "",
        "2026",
        "2026-11-23",
        "2026-11-23T18:44",
        "2026-02-30 18:44:13",
        "2026-11-23_18:44:13",
        "0000-01-01 00:00:00",
    ] {
        assert!(iso(text).is_err(), "{text}");
    }
}

#[test]
fn syslog_and_ctime() {
    assert_eq!(shown(syslog("Nov 21 09:23:59 x")).unwrap(), "11-21T09:23:59 x");
    assert_eq!(shown(syslog("Feb 29 09:23:59.5 x")).unwrap(), "02-29T09:23:59.500 x");
    assert_eq!(shown(ctime("Mon Nov  3 18:44:13 2026]")).unwrap(), "2026-11-03T18:44:13]");
    for text in ["Nov", "Nov 32 09:23:59", "Nov 21 9:23:59", "November 21 09:23:59", "Mon Nov 3"] {
        assert!(syslog(text).is_err() && ctime(text).is_err(), "{text}");
    }
}

#[test]
fn stamps_of_servers() {
    assert_eq!(shown(redis("23 Nov 2026 18:44:13.120 #")).unwrap(), "2026-11-23T18:44:13.120 #");
    assert_eq!(shown(redis("23 Nov 18:44:13.120 #")).unwrap(), "11-23T18:44:13.120 #");
    assert_eq!(shown(slashed("2026/11/23 18:44:13 x")).unwrap(), "2026-11-23T18:44:13 x");
    assert_eq!(shown(access("23/Nov/2026:18:58:50 +0100]")).unwrap(), "2026-11-23T17:58:50Z]");
    assert_eq!(shown(dashed("23-Nov-2026 18:58:50] x")).unwrap(), "2026-11-23T18:58:50] x");
    for text in ["", "23 Nov", "2026/11/23", "23/Nov/2026:18:58:50", "23-Nov-2026", "2026/13/23 18:44:13"] {
        assert!(redis(text).is_err() && slashed(text).is_err() && access(text).is_err(), "{text}");
        assert!(dashed(text).is_err(), "{text}");
    }
}

#[test]
fn clocks_without_a_date() {
    assert_eq!(shown(time_of_day("18:44:13.119]")).unwrap(), "18:44:13.119]");
    assert_eq!(shown(time_of_day("12:44:13 AM]")).unwrap(), "00:44:13]");
    assert_eq!(shown(kernel("606280.177800]")).unwrap(), "+606280.177800s]");
    for text in ["", "25:00:00", "1:2:3", "18:44", "12.5", "a"] {
        assert!(time_of_day(text).is_err() && kernel(text).is_err(), "{text}");
    }
}

#[test]
fn epochs() {
    let of = |text| epoch(text).map(|stamp| stamp.rfc3339());
    assert_eq!(of("1700000000").unwrap(), "2023-11-14T22:13:20Z");
    assert_eq!(of("1700000000.25").unwrap(), "2023-11-14T22:13:20.250Z");
    assert_eq!(of("1700000000123").unwrap(), "2023-11-14T22:13:20.123Z");
    assert_eq!(of("1700000000123456").unwrap(), "2023-11-14T22:13:20.123456Z");
    for text in ["", "12", "-5", "x", "99999999999999999999", "1e9"] {
        assert_eq!(of(text), None, "{text}");
    }
}
