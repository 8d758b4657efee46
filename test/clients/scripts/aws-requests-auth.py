from urllib.parse import urlsplit

from exchange import KEY_ID, REGION, SECRET, SERVICE, exchange

import requests
from aws_requests_auth.aws_auth import AWSRequestsAuth

session = requests.Session()


def send(method, url, body, headers):
    auth = AWSRequestsAuth(KEY_ID, SECRET, urlsplit(url).netloc, REGION, SERVICE)
    reply = session.request(method, url, data=body, headers=headers, auth=auth)
    return reply.status_code, reply.content


exchange(send)
