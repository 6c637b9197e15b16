//! The fields of the JSON reports, from their schemas.

use std::error::Error;
use std::fmt::Write as _;

use serde_json::Value;

use super::Page;
use super::markdown::{code, head, plain, row};

const REPORTS: [(&str, &str, &str); 2] = [
    ("report-v1.schema.json", "Diagnosis", include_str!("../../../docs/report-v1.schema.json")),
    ("preflight-v1.schema.json", "Preflight", include_str!("../../../docs/preflight-v1.schema.json")),
];

pub(crate) fn page() -> Result<Page, Box<dyn Error>> {
    let mut text = head("Fields of the JSON reports");
    text.push_str(
        "Fields are only ever added: a program that reads a report must ignore those that it does not know.\n",
    );
    text.push_str("Every text is redacted and free of control sequences.\n");
    for (file, title, schema) in REPORTS {
        let schema: Value = serde_json::from_str(schema)?;
        writeln!(text, "\n## {title}\n\n{} Schema: [{file}]({file}).", words(&schema))?;
        table(title, &schema, &schema, &mut text)?;
        let definitions = schema.get("$defs").and_then(Value::as_object);
        for (name, definition) in definitions.into_iter().flatten().filter(|(_, one)| one.get("properties").is_some()) {
            writeln!(text, "\n### {title}: {name}")?;
            let said = words(definition);
            if !said.is_empty() {
                writeln!(text, "\n{said}")?;
            }
            table(title, definition, &schema, &mut text)?;
        }
    }
    Ok(Page { path: "report-fields.md".to_owned(), text })
}

fn words(schema: &Value) -> String {
    plain(schema.get("description").and_then(Value::as_str).unwrap_or_default())
}

/// The fields of one object, those that are always there first, in the schema's order.
fn table(title: &str, object: &Value, root: &Value, text: &mut String) -> Result<(), Box<dyn Error>> {
    let Some(fields) = object.get("properties").and_then(Value::as_object) else { return Ok(()) };
    let required: Vec<&str> =
        object.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let optional = fields.keys().map(String::as_str).filter(|name| !required.contains(name));
    write!(text, "\n{}{}", row(&["field", "type", "there", "meaning"]), row(&["---", "---", "---", "---"]))?;
    for name in required.iter().copied().chain(optional) {
        let Some(field) = fields.get(name) else { continue };
        let there = if required.contains(&name) { "always" } else { "if known" };
        text.push_str(&row(&[&code(name), &kind(title, field, root)?, there, &words(field)]));
    }
    Ok(())
}

/// The type of a field, with a link to its own table where it has one.
fn kind(title: &str, field: &Value, root: &Value) -> Result<String, Box<dyn Error>> {
    if let Some(name) = field.get("$ref").and_then(Value::as_str).and_then(|to| to.rsplit('/').next()) {
        let target = root.pointer(&format!("/$defs/{name}")).ok_or("a reference leads nowhere")?;
        return Ok(match target.get("properties") {
            Some(_) => format!("[{name}](#{}-{name})", title.to_lowercase()),
            None => kind(title, target, root)?,
        });
    }
    if let Some(value) = field.get("const") {
        return Ok(code(&value.to_string()));
    }
    if let Some(values) = field.get("enum").and_then(Value::as_array) {
        return Ok(values.iter().map(|value| code(&value.to_string())).collect::<Vec<_>>().join(" "));
    }
    if let Some(items) = field.get("items") {
        return Ok(format!("list of {}", kind(title, items, root)?));
    }
    if let Some(fields) = field.get("properties").and_then(Value::as_object) {
        return Ok(format!("object: {}", fields.keys().map(|name| code(name)).collect::<Vec<_>>().join(" ")));
    }
    if let Some(values) = field.get("additionalProperties").filter(|values| values.is_object()) {
        return Ok(format!("map to {}", kind(title, values, root)?));
    }
    Ok(field.get("type").and_then(Value::as_str).unwrap_or("any").to_owned())
}
