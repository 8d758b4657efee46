import sys

from exchange import KEY_ID, REGION, SECRET, SERVICE, exchange

from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session

# Which of the two is said at the start.
if sys.argv[1] == "crt":
    from botocore.crt.auth import CrtSigV4Auth as Signer
else:
    from botocore.auth import SigV4Auth as Signer

session = URLLib3Session()


def send(method, url, body, headers):
    request = AWSRequest(method=method, url=url, data=body, headers=headers)
    Signer(Credentials(KEY_ID, SECRET), SERVICE, REGION).add_auth(request)
    reply = session.send(request.prepare())
    return reply.status_code, reply.content


exchange(send)
