import os
import re
import subprocess
import sys

from exchange import REGION, SERVICE, exchange

# The command beside this Python; it finds the credentials in the environment.
AWSCURL = os.path.join(os.path.dirname(sys.executable), "awscurl")


def send(method, url, body, headers):
    # It says the status in --verbose alone.
    command = [AWSCURL, "--verbose", "--service", SERVICE, "--region", REGION, "-X", method]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    if body is not None:
        command += ["-d", body]
    done = subprocess.run([*command, url], capture_output=True)
    status = re.findall(rb"Response code: (\d+)", done.stderr + done.stdout)
    if not status:
        raise RuntimeError(done.stderr.decode()[-300:])
    return int(status[-1]), done.stdout.strip()


exchange(send)
