"""Runs queries of Athena on SQLite, with the functions of Trino that they use (Trino documentation, "JSON functions and operators",
"Regular expression functions"). Reads from stdin JSON {rows: [[hour, line, path]], queries: [{sql, parameters}]}, and writes the rows
of each query as JSON."""
import json
import re
import sqlite3
import sys


def json_extract_scalar(text, path):
    try:
        value = json.loads(text)
    except ValueError:
        return None
    for name in path.removeprefix("$.").split("."):
        value = value.get(name) if isinstance(value, dict) else None
    if value is None or isinstance(value, (dict, list)):
        return None
    return value if isinstance(value, str) else json.dumps(value)


def regexp_replace(text, pattern, replacement):
    return None if text is None else re.sub(pattern, replacement.replace("$1", r"\1"), text)


asked = json.load(sys.stdin)
db = sqlite3.connect(":memory:")
db.execute("PRAGMA case_sensitive_like = ON")
db.create_function("json_extract_scalar", 2, json_extract_scalar)
db.create_function("regexp_replace", 3, regexp_replace)
db.execute('CREATE TABLE archive (hour TEXT, line TEXT, "$path" TEXT)')
db.executemany("INSERT INTO archive VALUES (?, ?, ?)", asked["rows"])
answers = []
for query in asked["queries"]:
    cursor = db.execute(query["sql"], query["parameters"])
    names = [column[0] for column in cursor.description]
    answers.append([dict(zip(names, row)) for row in cursor])
json.dump(answers, sys.stdout)
