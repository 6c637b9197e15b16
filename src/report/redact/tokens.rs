//! Tokens of the large providers, told by how they begin.

use super::cursor::is_word;

/// How a token is written.
pub(super) struct Token {
    pub(super) kind: &'static str,
    pub(super) prefix: &'static str,
    /// Bytes behind the prefix.
    pub(super) accepts: fn(u8) -> bool,
    pub(super) least: usize,
    /// 0: no end.
    pub(super) most: usize,
}

const fn token(prefix: &'static str, accepts: fn(u8) -> bool, least: usize) -> Token {
    Token { kind: "token", prefix, accepts, least, most: 0 }
}

const fn key(prefix: &'static str, accepts: fn(u8) -> bool, least: usize) -> Token {
    Token { kind: "api-key", prefix, accepts, least, most: 0 }
}

const fn sized(prefix: &'static str, accepts: fn(u8) -> bool, least: usize, most: usize) -> Token {
    Token { kind: "api-key", prefix, accepts, least, most }
}

const fn plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

const fn upper(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

/// The same, in groups.
const fn upper_dash(byte: u8) -> bool {
    upper(byte) || byte == b'-'
}

const fn hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

/// The digits of an identifier, in groups.
const fn uuid(byte: u8) -> bool {
    hex(byte) || byte == b'-'
}

fn web(byte: u8) -> bool {
    is_word(byte) || byte == b'-'
}

fn dotted(byte: u8) -> bool {
    web(byte) || byte == b'.'
}

fn base64(byte: u8) -> bool {
    web(byte) || matches!(byte, b'+' | b'/' | b'=')
}

/// The check of a cluster's certificate, who may join, and the password.
const fn cluster(byte: u8) -> bool {
    plain(byte) || byte == b':'
}

/// The tokens that may begin with a byte.
pub(super) const fn of(first: u8) -> &'static [Token] {
    match first {
        b'1' => DIGIT_1,
        b'A' => A_LARGE,
        b'C' => C_LARGE,
        b'E' => E_LARGE,
        b'G' => G_LARGE,
        b'H' => H_LARGE,
        b'J' => J_LARGE,
        b'K' => K_LARGE,
        b'L' => L_LARGE,
        b'N' => N_LARGE,
        b'P' => P_LARGE,
        b'S' => S_LARGE,
        b'a' => A,
        b'b' => B,
        b'c' => C,
        b'd' => D,
        b'e' => E,
        b'f' => F,
        b'g' => G,
        b'h' => H,
        b'k' => K,
        b'l' => L,
        b'm' => M,
        b'n' => N,
        b'o' => O,
        b'p' => P,
        b'r' => R,
        b's' => S,
        b't' => T,
        b'v' => V,
        b'w' => W,
        b'x' => X,
        b'y' => Y,
        _ => &[],
    }
}

#[rustfmt::skip]
static DIGIT_1: &[Token] = &[
    token("1//0", web, 30),
];
#[rustfmt::skip]
static A_LARGE: &[Token] = &[
    key("AIza", web, 30), key("AGE-SECRET-KEY-1", upper, 50), token("ATATT3", base64, 20), token("ATBB", plain, 20), sized("AKID", plain, 32, 36),
    token("ATCTT3", base64, 20), token("AKCp", plain, 60), token("AQVN", web, 30), key("A3-", upper_dash, 30), token("AZDO", plain, 30),
    token("AQAAAAEAACcQ", base64, 40), token("AQAAAAIAAYag", base64, 40),
];
#[rustfmt::skip]
static C_LARGE: &[Token] = &[
    token("CFPAT-", web, 40), key("CLOJARS_", hex, 40),
];
#[rustfmt::skip]
static E_LARGE: &[Token] = &[
    token("EAAC", plain, 40), token("EAAA", web, 50), sized("EZAK", plain, 54, 54), sized("EZTK", plain, 54, 54), token("EAAG", plain, 40),
    token("EAAB", plain, 40),
];
#[rustfmt::skip]
static G_LARGE: &[Token] = &[
    key("GOCSPX-", web, 20),
];
#[rustfmt::skip]
static H_LARGE: &[Token] = &[
    key("HRKU-", web, 30), token("HRKU_", web, 30),
];
// A hash of bcrypt, in base64 once more.
#[rustfmt::skip]
static J_LARGE: &[Token] = &[
    token("JDJhJD", base64, 60), token("JDJiJD", base64, 60), token("JDJ5JD", base64, 60),
];
#[rustfmt::skip]
static K_LARGE: &[Token] = &[
    sized("K00", base64, 28, 28), token("K10", cluster, 70),
];
#[rustfmt::skip]
static L_LARGE: &[Token] = &[
    sized("LTAI", plain, 12, 26),
];
#[rustfmt::skip]
static N_LARGE: &[Token] = &[
    key("NRAK-", upper, 20), key("NRII-", web, 20),
];
#[rustfmt::skip]
static P_LARGE: &[Token] = &[
    key("PMAK-", web, 30),
];
#[rustfmt::skip]
static S_LARGE: &[Token] = &[
    key("SG.", dotted, 32), sized("SK", hex, 32, 32), key("SWMKEY-1-", base64, 20), token("SWMTKN-1-", web, 40), key("SCW", upper, 17),
];
#[rustfmt::skip]
static A: &[Token] = &[
    token("access-sandbox-", web, 30), token("access-production-", web, 30), token("access-development-", web, 30), key("ak_live_", web, 16),
    key("aio_", plain, 24), key("apify_api_", plain, 24),
];
// A login of a cluster among the protocols of a socket.
#[rustfmt::skip]
static B: &[Token] = &[
    token("base64url.bearer.authorization.k8s.io.", web, 20),
];
#[rustfmt::skip]
static C: &[Token] = &[
    token("cfut_", web, 30), sized("claim-", web, 20, 20), token("cio", plain, 32),
];
#[rustfmt::skip]
static D: &[Token] = &[
    token("dckr_pat_", web, 16), token("dckr_oat_", web, 16), key("dop_v1_", hex, 40), key("doo_v1_", hex, 40), key("dor_v1_", hex, 40),
    key("dapi", hex, 32), key("dp.pt.", dotted, 20), key("dp.st.", dotted, 20), key("dp.ct.", dotted, 20), key("dp.sa.", dotted, 20),
    key("dt0c01.", dotted, 40), key("dsapi", hex, 32), key("dt0s01.", dotted, 40),
];
#[rustfmt::skip]
static E: &[Token] = &[
    key("e2b_", hex, 32),
];
#[rustfmt::skip]
static F: &[Token] = &[
    key("figd_", web, 20), key("fo1_", web, 20), token("fm1_", base64, 40), token("fm2_", base64, 40), key("fc-", hex, 32), key("fw_", plain, 20),
    key("fio-u-", web, 30),
];
#[rustfmt::skip]
static G: &[Token] = &[
    token("ghp_", plain, 16), token("gho_", plain, 16), token("ghu_", plain, 16), token("ghs_", dotted, 16), token("ghr_", plain, 16),
    token("github_pat_", web, 16), token("glpat-", dotted, 16), token("gldt-", web, 16), token("glrt-", web, 16), token("glrtr-", web, 16),
    token("glcbt-", web, 16), token("glptt-", web, 16), token("glft-", web, 16), token("glsoat-", web, 16), token("glagent-", web, 16),
    token("glimt-", web, 16), token("gloas-", web, 16), token("glsa_", web, 16), token("glc_", base64, 24), key("gsk_", plain, 30),
    key("ghv_", plain, 16),
];
#[rustfmt::skip]
static H: &[Token] = &[
    token("hf_", plain, 16), token("hvs.", web, 20), token("hvb.", web, 20), token("hvr.", web, 20), key("hcaik_", plain, 24),
];
#[rustfmt::skip]
static K: &[Token] = &[
    sized("key-", hex, 32, 32),
];
#[rustfmt::skip]
static L: &[Token] = &[
    token("lin_api_", plain, 16), token("lin_oauth_", plain, 16), key("lsv2_pt_", web, 30), key("lsv2_sk_", web, 30), key("live_", plain, 28),
];
#[rustfmt::skip]
static M: &[Token] = &[
    token("mfa.", web, 60), sized("mob-", uuid, 36, 36),
];
#[rustfmt::skip]
static N: &[Token] = &[
    token("npm_", plain, 16), token("ntn_", plain, 30), key("nvapi-", web, 30), token("nfp_", plain, 30), key("napi_", plain, 30),
    key("nsec1", plain, 50),
];
#[rustfmt::skip]
static O: &[Token] = &[
    token("ops_eyJ", base64, 30), sized("oy2", plain, 43, 43),
];
#[rustfmt::skip]
static P: &[Token] = &[
    token("pypi-", web, 16), key("pk_live_", base64, 10), key("pk_test_", base64, 10), key("pplx-", plain, 30), key("phc_", plain, 30),
    key("phx_", plain, 30), token("pscale_tkn_", web, 16), token("pscale_pw_", web, 16), token("pscale_oauth_", web, 16), token("pat-na1-", web, 30),
    token("pat-eu1-", web, 30), key("pul-", hex, 40), key("pat", airtable, 60), key("pdl_", web, 30), key("pnu_", plain, 30), key("prk_", web, 20),
    key("posthog_", web, 30), key("pcsk_", web, 40), token("pk_prod_", web, 20), token("ptr_", base64, 30),
];
#[rustfmt::skip]
static R: &[Token] = &[
    key("rk_live_", base64, 10), key("rk_test_", base64, 10), token("rubygems_", hex, 16), sized("r8_", plain, 30, 44), key("re_", web, 24),
    key("rnd_", plain, 24), key("rzp_live_", plain, 12), key("rdme_", plain, 30),
];
#[rustfmt::skip]
static S: &[Token] = &[
    key("sk_live_", base64, 10), key("sk_test_", base64, 10), key("sk-", web, 16), token("secret_", plain, 32), token("shpat_", web, 16),
    token("shpca_", web, 16), token("shppa_", web, 16), token("shpss_", web, 16), key("sq0atp-", web, 20), key("sq0csp-", web, 20),
    key("sq0idp-", web, 20), token("sntrys_", base64, 20), token("sntryu_", base64, 20), token("sntrya_", base64, 20), token("sbp_", hex, 30),
    key("sb_secret_", web, 20), token("sgp_", web, 30), token("secret-token:", dotted, 16), token("sl.", web, 60), key("sk_", hex, 40),
    key("sk-or-", web, 30), token("st.", dotted, 40), key("squ_", hex, 40), key("sqp_", hex, 40), key("sqa_", hex, 40), key("scw_", web, 30),
    key("secret-live-", web, 24), sized("sdk-", uuid, 36, 36),
];
#[rustfmt::skip]
static T: &[Token] = &[
    key("tskey-", web, 20), key("tk_live_", web, 16), sized("tk_", plain, 29, 29), token("tfp_", web, 30), key("tvly-", web, 20), token("tok_live_", web, 16),
];
#[rustfmt::skip]
static V: &[Token] = &[
    token("vercel_", plain, 24), token("vck_", plain, 24), token("v2.local.", dotted, 40), token("v4.local.", dotted, 40),
    token("v1.local.", dotted, 40), token("v3.local.", dotted, 40),
];
#[rustfmt::skip]
static W: &[Token] = &[
    key("whsec_", base64, 10), key("wandb_v1_", plain, 30), key("waka_", web, 30),
];
#[rustfmt::skip]
static X: &[Token] = &[
    token("xoxb-", web, 10), token("xoxp-", web, 10), token("xoxa-", web, 10), token("xoxr-", web, 10), token("xoxs-", web, 10),
    token("xoxc-", web, 10), token("xoxd-", base64, 10), token("xoxe", dotted, 16), token("xapp-", web, 10), key("xai-", plain, 40),
    key("xkeysib-", web, 60), key("xsmtpsib-", web, 60), key("xprv", plain, 100), key("xaat-", web, 30), key("xapt-", web, 30),
    key("xau_", plain, 24),
];
#[rustfmt::skip]
static Y: &[Token] = &[
    token("ya29.", dotted, 20), token("y0_", web, 40),
];

/// `pat` and fourteen characters, a point, 64 hexadecimal digits.
const fn airtable(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'.'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_token_is_found_by_its_first_letter() {
        for first in 0..=u8::MAX {
            for token in of(first) {
                assert_eq!(token.prefix.as_bytes().first(), Some(&first), "{}", token.prefix);
                assert!(token.prefix.len() + token.least >= 15, "{}", token.prefix);
            }
        }
    }
}
