//! A validator for the part of JSON Schema that the API's description uses.

use serde_json::Value;

/// What is wrong with a value, each with its place. Empty if the value conforms.
pub fn problems(value: &Value, schema: &Value, all: &Value, at: &str) -> Vec<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap();
        let target = &all[name];
        assert!(target.is_object(), "there is no schema {name}");
        return problems(value, target, all, at);
    }
    if let Some(options) = schema["anyOf"].as_array() {
        let tried: Vec<Vec<String>> = options.iter().map(|option| problems(value, option, all, at)).collect();
        return if tried.iter().any(Vec::is_empty) { Vec::new() } else { tried.concat() };
    }
    let mut found = Vec::new();
    let fits = match schema["type"].as_str() {
        None => true,
        Some("string") => value.is_string(),
        Some("integer") => value.is_u64() || value.is_i64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        Some(other) => panic!("the validator does not know the type {other}"),
    };
    if !fits {
        return vec![format!("{at}: {value} is not {}", schema["type"])];
    }
    if let Some(allowed) = schema["enum"].as_array()
        && !allowed.contains(value)
    {
        found.push(format!("{at}: {value} is not one of {allowed:?}"));
    }
    if schema["format"] == "date" && value.as_str().is_some_and(|s| s.parse::<jiff::civil::Date>().is_err()) {
        found.push(format!("{at}: {value} is not a date"));
    }
    if let Some(items) = value.as_array() {
        for (i, item) in items.iter().enumerate() {
            let schema = schema["prefixItems"].get(i).unwrap_or(&schema["items"]);
            found.extend(problems(item, schema, all, &format!("{at}[{i}]")));
        }
    }
    if let Some(object) = value.as_object() {
        for name in schema["required"].as_array().into_iter().flatten() {
            if !object.contains_key(name.as_str().unwrap()) {
                found.push(format!("{at}: {name} is missing"));
            }
        }
        for (name, inner) in object {
            match (&schema["properties"][name], &schema["additionalProperties"]) {
                (Value::Null, Value::Bool(false)) => found.push(format!("{at}: {name} is not described")),
                (Value::Null, Value::Null | Value::Bool(_)) => {}
                (Value::Null, rest) => found.extend(problems(inner, rest, all, &format!("{at}.{name}"))),
                (known, _) => found.extend(problems(inner, known, all, &format!("{at}.{name}"))),
            }
        }
    }
    found
}
