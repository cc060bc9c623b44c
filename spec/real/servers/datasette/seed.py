# Fills a SQLite file with the tables that the Datasette specs read: argv[1] is the file.
import json
import sqlite3
import sys

database = sqlite3.connect(sys.argv[1])
database.executescript(
    """
    create table readings (
      id integer primary key, name text not null, value real, flag integer, big integer, note text, payload text, raw blob
    );
    create table pairs (region text, number integer, amount real, primary key (region, number)) without rowid;
    create table lines (text text);
    """
)
WORDS = ["Ωmega", "naïve", "日本語", "🌊 wave", 'quote " and \\', "tab\tline\nend", "ascii", "e\u0301 combining"]
database.executemany(
    "insert into readings values (?, ?, ?, ?, ?, ?, ?, ?)",
    [
        (
            # The last ids are beyond what a double holds.
            n if n <= 1190 else 9007199254740993 + 2 * n,
            f"{WORDS[n % len(WORDS)]} {n}",
            None if n % 5 == 0 else n / 8,
            n % 2,
            None if n % 7 == 0 else 9223372036854775807 - n,
            None if n % 3 == 0 else ("" if n % 11 == 0 else WORDS[n % 5] * (n % 9)),
            json.dumps({"tags": WORDS[: n % 4], "depth": {"level": n % 6, "label": None if n % 2 else f"l{n}"}}, ensure_ascii=False),
            None if n % 13 == 0 else bytes([n % 256, 0, 255]),
        )
        for n in range(1, 1201)
    ],
)
database.executemany(
    "insert into pairs values (?, ?, ?)",
    [(region, n, n * 1.5) for region in ["north/east", "a,b", "ü~ %", "plain", "x.y-z", "?q=1&r"] for n in range(1, 81)],
)
database.executemany("insert into lines values (?)", [(f"line {n} {WORDS[n % 8]}",) for n in range(1, 401)])
database.commit()
