"""Unpacks the named members of a wheel; a name that ends in a slash stands for all below it."""

import os
import sys
import zipfile

wheel, target, *wanted = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for member in archive.infolist():
        name = member.filename
        if any(name == want or (want.endswith("/") and name.startswith(want)) for want in wanted):
            path = archive.extract(member, target)
            # The zipfile module drops it: CUDA's assembler has to stay executable.
            if (member.external_attr >> 16) & 0o100:
                os.chmod(path, os.stat(path).st_mode | 0o111)
