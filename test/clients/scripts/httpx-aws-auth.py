from exchange import KEY_ID, REGION, SECRET, SERVICE, exchange

import httpx
from httpx_aws_auth import AwsCredentials, AwsSigV4Auth

client = httpx.Client(auth=AwsSigV4Auth(credentials=AwsCredentials(KEY_ID, SECRET), region=REGION, service=SERVICE), timeout=600)


def send(method, url, body, headers):
    reply = client.request(method, url, content=body, headers=headers)
    return reply.status_code, reply.content


exchange(send)
