"""Tells its secret in every way it can think of."""
import base64
import os
import sys
import time
import urllib.parse

secret = os.environ["CANARY"]
forms = [
    secret,
    base64.b64encode(secret.encode()).decode(),
    base64.b64encode(b"user:" + secret.encode()).decode(),
    base64.urlsafe_b64encode(b"x" + secret.encode()).decode(),
    urllib.parse.quote(secret, safe=""),
    secret.encode().hex(),
]
for text in forms:
    for out in (sys.stdout, sys.stderr):
        print("whole", text, file=out, flush=True)
        print("lines", "\n".join(text[at : at + 7] for at in range(0, len(text), 7)), file=out, flush=True)
        for part in (text[:9], text[9:]):
            out.write(part)
            out.flush()
            time.sleep(0.02)
        print(file=out)
print('::vitrine:: {"type":"log","level":"warn","message":"%s"}' % secret)
print('::vitrine:: {"type":"progress","step":1,"phase":"%s","metrics":{"%s":1}}' % (secret, secret), flush=True)
if len(sys.argv) > 1:
    with open(sys.argv[1], "w") as file:
        file.write("x" * 100000 + forms[1])
time.sleep(1)
sys.exit("failed with " + secret if len(sys.argv) == 1 else 0)
