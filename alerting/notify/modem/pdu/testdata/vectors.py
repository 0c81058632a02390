# Writes gammu.jsonl, what gammu 1.42 makes of texts:
#   apt-get install python3-gammu && /usr/bin/python3 vectors.py > gammu.jsonl
import datetime
import json

import gammu

TEXTS = [
    ("hellohello", False),
    ("ALARM: Upadek, Pokoj 7, lazienka, 02:59 https://care.example/a/4k7m2q8n", False),
    ("{[~]}^\\|€ @£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà", False),
    ("a" * 160, False),
    ("0123456789" * 16 + "x", False),
    ("a" * 152 + "€" + "b" * 151 + "€€" + "c" * 5, False),
    ("Zażółć gęślą jaźń", True),
    ("ą" * 70, True),
    ("ą" * 71, True),
    ("ALARM: Upadek, Pokój 7, łazienka, " * 5, True),
    ("Pomoc w drodze 🚑", True),
]


def parts(text, ucs2):
    info = {"Class": -1, "Unicode": ucs2, "Entries": [{"ID": "ConcatenatedTextLong", "Buffer": text}]}
    for m in gammu.EncodeSMS(info):
        m["SMSC"] = {"Location": 1, "Number": ""}
        m["Number"] = "+48600100200"
        yield m


def behind_centre(b):
    return bytes([0]) + b[1 + b[0]:]


for text, ucs2 in TEXTS:
    submit, deliver = [], []
    for m in parts(text, ucs2):
        m["Type"] = "Status_Report"
        submit.append(behind_centre(gammu.EncodePDU(m)).hex().upper())
    for m in parts(text, ucs2):
        m["Type"] = "Deliver"
        m["DateTime"] = datetime.datetime(2026, 11, 23, 2, 59, 7)
        deliver.append(behind_centre(gammu.EncodePDU(m, "Deliver")).hex().upper())
    print(json.dumps({"text": text, "submit": submit, "deliver": deliver}, ensure_ascii=False))
