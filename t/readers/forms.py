# Forms in Python servers: "forms.py werkzeug" like Flask takes the first of
# equal names; "forms.py multipart" like Starlette takes the last.  "forms.py
# multipart version" prints the version of python-multipart.
#
# The protocol is that of reader.hh, but the body begins with its Content-Type,
# in a line, a path is the name of a field, and a text that float() accepts is a
# number.

import io
import logging
import sys

import werkzeug.formparser

try:
    # the name since 0.0.13
    import python_multipart as multipart
except ImportError:
    import multipart


# each rejection is reported once
logging.disable()


def by_werkzeug(content_type, body):
    _, form, files = werkzeug.formparser.parse_form_data({
        'REQUEST_METHOD': 'POST', 'CONTENT_TYPE': content_type,
        'CONTENT_LENGTH': str(len(body)), 'wsgi.input': io.BytesIO(body),
    }, silent=False)

    return {**{name: None for name in files}, **form.to_dict()}


def by_multipart(content_type, body):
    form = {}

    def on_field(field):
        form[field.field_name.decode()] = (field.value or b'').decode()

    def on_file(file):
        form[(file.field_name or b'').decode()] = None

    multipart.parse_form({
        'Content-Type': content_type, 'Content-Length': str(len(body)),
    }, io.BytesIO(body), on_field, on_file)

    return form


def text(value):
    if value is None:
        return 'other'
    try:
        return '%.17g' % float(value)
    except ValueError:
        return '"' + ''.join(
            chr(c) if 0x20 < c < 0x7f and c not in b'%,' else '%%%02X' % c
            for c in value.encode('utf-8', 'surrogateescape'))


if sys.argv[2:] == ['version']:
    print(multipart.__version__)
    sys.exit()

read = {'werkzeug': by_werkzeug, 'multipart': by_multipart}[sys.argv[1]]

while line := sys.stdin.buffer.readline():
    length, *names = line.decode().split()
    head, body = sys.stdin.buffer.read(int(length)).split(b'\n', 1)

    try:
        form = read(head.decode(), body)
    except Exception:
        print('rejected', flush=True)
        continue

    print(*(text(form[name]) if name in form else 'absent'
            for name in names), flush=True)
