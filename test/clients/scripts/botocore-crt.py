from exchange import KEY_ID, REGION, SECRET, SERVICE, exchange

from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.crt.auth import CrtSigV4Auth
from botocore.httpsession import URLLib3Session

session = URLLib3Session()


def send(method, url, body, headers):
    request = AWSRequest(method=method, url=url, data=body, headers=headers)
    CrtSigV4Auth(Credentials(KEY_ID, SECRET), SERVICE, REGION).add_auth(request)
    reply = session.send(request.prepare())
    return reply.status_code, reply.content


exchange(send)
