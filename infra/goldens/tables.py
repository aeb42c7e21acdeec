"""What PyArrow and DuckDB find in a Parquet table of certificates of ours, and such a table as PyArrow writes it.

Our table is a golden file of its own, which its spec writes: `npx vitest run --project unit
activities/stages/src/certification -u`.

Usage: python tables.py REPOSITORY (or `npm run goldens`, which makes the environment first)
"""

import base64
import io
import json
import sys
import tempfile
from pathlib import Path

import duckdb
import pyarrow
import pyarrow.parquet

folder = Path(sys.argv[1]) / "activities/stages/src/certification"
ours = base64.b64decode((folder / "certificates.golden.txt").read_text())

table = pyarrow.parquet.read_table(io.BytesIO(ours))
rows = table.to_pylist()
with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
    file.write(ours)
    file.flush()
    found = duckdb.sql(f"select * from read_parquet('{file.name}')")
    assert found.columns == table.column_names, (found.columns, table.column_names)
    assert found.fetchall() == [tuple(row.values()) for row in rows]
    types = [str(type) for type in found.types]

# As others write tables: dictionaries, compression, wide integers, small groups of rows.
known = ["idx", "label", "predict", "radius", "correct"]
theirs = io.BytesIO()
wide = pyarrow.table({name: [row[name] for row in rows] for name in known})
pyarrow.parquet.write_table(wide, theirs, compression="snappy", use_dictionary=True, row_group_size=2)

golden = {
    "about": "certificates.golden.txt as PyArrow and DuckDB read it, and the same rows as PyArrow writes them",
    "generator": "infra/goldens/tables.py",
    "pyarrow": pyarrow.__version__,
    "duckdb": duckdb.__version__,
    "columns": dict(zip(table.column_names, types)),
    "rows": rows,
    "theirs": base64.b64encode(theirs.getvalue()).decode(),
}
(folder / "certificates.golden.json").write_text(json.dumps(golden, indent=1) + "\n")
print("certificates.golden.json")
