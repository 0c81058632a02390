#!/usr/bin/env python3
"""Writes expect.txt: who is on call in the rosters of rosters.json, 2026 to 2028.

Worked out in another way than the program does: this goes through the years
minute by minute in UTC, asks Python's zoneinfo what the clock on the wall shows
and hands over whenever a turn's next date and hour is first reached or passed.
It looks nothing up backwards from a date. Run it in this folder.
"""

import json
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
UTC = timezone.utc


def wall_of(day, clock, zone):
    """The moment the wall shows clock on day. fold=0 is the first of two, and
    for a time that does not exist the offset before the change (PEP 495)."""
    h, m = map(int, clock.split(":"))
    return datetime(day.year, day.month, day.day, h, m, tzinfo=zone, fold=0).astimezone(UTC)


def happenings(roster, zone, first, last):
    """All edges of a roster as (moment, number, kind, what), in order."""
    out = []

    def window(tag, hours, day, who):
        if DAYS[day.weekday()] not in hours.get("days", DAYS):
            return
        end = day if hours["to"] > hours["from"] else day + timedelta(days=1)
        a, b = wall_of(day, hours["from"], zone), wall_of(end, hours["to"], zone)
        if a < b:
            token = (tag, day)
            out.append((a, "open", token, who))
            out.append((b, "shut", token, who))

    for n, s in enumerate(roster.get("shifts", [])):
        day = first - timedelta(days=3)
        while day <= last + timedelta(days=3):
            window(("shift", n), s, day, swap(roster, s["who"], day))
            day += timedelta(days=1)
    for n, l in enumerate(roster.get("layers", [])):
        # Hand-overs are counted on a calendar, one after the other.
        day, turn = date.fromisoformat(l["start"]), 0
        while day <= last + timedelta(days=3):
            out.append((wall_of(day, l["hand_over"], zone), "turn", n, swap(roster, l["turns"][turn], day)))
            day += timedelta(days=l["days"])
            turn = turn + 1 if turn + 1 < len(l["turns"]) else 0
        for k, h in enumerate(l.get("only", [])):
            day = first - timedelta(days=3)
            while day <= last + timedelta(days=3):
                window(("only", n, k), h, day, None)
                day += timedelta(days=1)
    for n, o in enumerate(roster.get("overrides", [])):
        a, b = (datetime.fromisoformat(o[k]).replace(tzinfo=zone, fold=0).astimezone(UTC) for k in ("from", "until"))
        out.append((a, "open", ("override", n), o))
        out.append((b, "shut", ("override", n), o))
    # What ends, ends before what begins in the same minute.
    out.sort(key=lambda x: (x[0], ["shut", "turn", "open"].index(x[1])))
    return out


def swap(roster, who, day):
    who = list(who)
    for s in roster.get("swaps", []):
        there = []
        for p in who:
            if day.isoformat() == s["turn"] and p == s["who"]:
                p = s["with"]
            elif day.isoformat() == s["for"] and p == s["with"]:
                p = s["who"]
            there.append(p)
        who = there
    return who


def unique(who):
    return list(dict.fromkeys(who))


def answer(roster, opened, turns):
    who = []
    for token in sorted(t for t in opened if t[0][0] == "shift"):
        who += opened[token]
    for n, l in enumerate(roster.get("layers", [])):
        limited = "only" in l and not any(t[0][0] == "only" and t[0][1] == n for t in opened)
        if turns.get(n) and not limited:
            who = turns[n]
    who = unique(who)
    for n, o in enumerate(roster.get("overrides", [])):
        if ("override", n) not in opened:
            continue
        if "instead" not in o:
            who = list(o["who"])
        elif o["instead"] in who:
            i = who.index(o["instead"])
            who = unique(who[:i] + o["who"] + who[i + 1:])
    return unique(who)


def run(name, roster, out):
    zone = ZoneInfo(roster["zone"])
    first, last = date.fromisoformat(roster["from"]), date.fromisoformat(roster["until"])
    begin, end = (datetime(d.year, d.month, d.day, tzinfo=zone).astimezone(UTC) for d in (first, last))
    edges = happenings(roster, zone, first, last)
    opened, turns, i, was = {}, {}, 0, None
    minute = min([begin] + [e[0] for e in edges])
    while minute < end:
        new = was is None
        while i < len(edges) and edges[i][0] <= minute:
            _, kind, token, what = edges[i]
            if kind == "turn":
                turns[token] = what
            elif kind == "open":
                opened[token] = what
            else:
                opened.pop(token, None)
            i, new = i + 1, True
        if minute >= begin and new:
            who = answer(roster, opened, turns)
            if was is None or sorted(who) != sorted(was):
                local = minute.astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S%z")
                out.write(f"{name} {local[:-2]}:{local[-2:]} {','.join(who) or '-'}\n")
                was = who
        minute += timedelta(minutes=1)


with open("rosters.json") as f, open("expect.txt", "w") as out:
    for name, roster in json.load(f).items():
        run(name, roster, out)
