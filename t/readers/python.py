# Python's json, with a str decoded from UTF-8; "python.py bytes": with bytes,
# whose encoding it guesses.  reader.hh describes the protocol.

import functools
import json
import sys


def text(value):
    if value is None:
        return 'null'
    if value is True or value is False:
        return str(value).lower()
    if isinstance(value, (int, float)):
        try:
            return '%.17g' % value
        except OverflowError:
            return 'inf'
    if isinstance(value, str):
        return '"' + ''.join(
            chr(c) if 0x20 < c < 0x7f and c not in b'%,' else '%%%02X' % c
            for c in value.encode('utf-8', 'surrogatepass'))
    return 'other'


def look_up(value, steps):
    if not steps:
        return [text(value)]
    if steps[0] != '*':
        if isinstance(value, dict) and steps[0] in value:
            return look_up(value[steps[0]], steps[1:])
        return [] if '*' in steps else ['absent']
    return [found for element in (value if isinstance(value, list) else ())
            for found in look_up(element, steps[1:])]


def read(body):
    return json.loads(body if 'bytes' in sys.argv else body.decode('utf-8'))


@functools.lru_cache
def steps(path):
    return path.split('/')


while line := sys.stdin.buffer.readline():
    length, *paths = line.decode().split()
    body = sys.stdin.buffer.read(int(length))

    try:
        document = read(body)
    except (ValueError, RecursionError):
        print('rejected', flush=True)
        continue

    print(*(','.join(look_up(document, steps(path))) or '-'
            for path in paths), flush=True)
