"""Unpacks the named members of a wheel; a name that ends in a slash stands for all below it."""

import sys
import zipfile

wheel, target, *wanted = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        if any(name == want or (want.endswith("/") and name.startswith(want)) for want in wanted):
            archive.extract(name, target)
