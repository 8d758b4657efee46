from exchange import KEY_ID, REGION, SECRET, SERVICE, exchange

import requests
from requests_aws4auth import AWS4Auth

session = requests.Session()
session.auth = AWS4Auth(KEY_ID, SECRET, REGION, SERVICE)


def send(method, url, body, headers):
    reply = session.request(method, url, data=body, headers=headers)
    return reply.status_code, reply.content


exchange(send)
