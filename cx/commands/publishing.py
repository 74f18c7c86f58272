"""The commands that publish: `publish` and `erase`."""

import argparse
import sys
from datetime import datetime
from zoneinfo import ZoneInfo

from cx import erasure, progress, settings, snapshot
from cx import publish as publishing
from cx.catalog import Catalog
from cx.commands import day_of, person
from cx.errors import counted

SHOWN_ROWS = 5
"""So many rows that break a rule are printed; the others are in the snapshot's file."""
MOST_NOTES = 20
"""So many notes on files are printed."""
MOST_CHANGES = 12
"""So many months of changes are printed, the latest."""


def publish(options: argparse.Namespace) -> int:
    """Publish what is valid, and say what was set aside."""
    data = settings.data_folder(options.data)
    catalog = Catalog(settings.query_folders(data, options.queries))

    tell: progress.Telling = (lambda step: None) if options.quiet else progress.printer()
    # What was printed before has to stand above the progress, not in the midst of it.
    sys.stdout.flush()
    try:
        report = publishing.publish(data, catalog, again=options.again, release=options.release, tell=tell)
    finally:
        progress.cleared()
    if not options.quiet:
        held = report.snapshot
        state = "published" if report.changed else "unchanged, still"
        print(f"{state} {held.id} in {report.seconds:.1f} s ({counted(report.rebuilt, 'part')} written)")
        for table, parts in sorted(held.parts.items()):
            days = held.days(table)
            age = (datetime.now(ZoneInfo(held.time_zone)).date() - days[1]).days if days else 0
            span = f", {days[0]} … {days[1]}, {counted(max(age, 0), 'day')} old" if days else ""
            again = sum(part.replaced for part in parts)
            came = f", {again:,} more that came again and {'count' if again > 1 else 'counts'} once" if again else ""
            print(f"  {table}: {counted(held.rows(table), 'row')} in {counted(len(parts), 'part')}{span}{came}")
        for table, rows in sorted(report.erased.items()):
            print(f"  erased from {table}: {counted(rows, 'row')}")
        if report.changed:
            _print_changes(held)
        for note in held.notes:
            print(f"  note: {note}")
        _print_notes_of_files(held)
        if (data / settings.CLOSED).is_dir():
            from cx.commands.asking import print_closed  # it asks questions, which most publishing need not wait for

            print_closed(data, options)
    _print_aside(report.snapshot)
    catalog.refuse(report.snapshot.broken)
    for name, error in sorted(catalog.problems.items()):
        if name.startswith(("metrics/", "sources/")):
            print(f"not used: {error}", file=sys.stderr)
    return 0


def _print_aside(held: snapshot.Snapshot) -> None:
    """Print what was set aside: files, and of rows how many break which rule, with the first of them."""
    listed: dict[tuple[str, str, str], list[str]] = {}
    for row in snapshot.set_aside(held):
        listed.setdefault((row.file, row.column, row.rule), []).append(
            f"row {row.row}: {row.value!r}" if row.value else f"row {row.row}"
        )
    for file in held.files:
        if file["reason"]:
            print(f"set aside: {file['file']}: {file['reason']}\n  → {file['hint']}", file=sys.stderr)
        for problem in file["problems"]:
            rows = listed.get((file["file"], problem["column"], problem["rule"]), [])
            more = "; …" if problem["rows"] > SHOWN_ROWS else ""
            column = f"“{problem['column']}” " if problem["column"] else ""
            print(
                f"set aside: {file['file']}: {counted(problem['rows'], 'row')}, {column}{problem['rule']} "
                f"({'; '.join(rows[:SHOWN_ROWS])}{more})\n  → {problem['hint']}",
                file=sys.stderr,
            )
    if listed:
        print(f"the rows, one by one: {held.aside_file}", file=sys.stderr)


def _print_notes_of_files(held: snapshot.Snapshot) -> None:
    """What is accepted of the files and worth a word, each once however many of them it is about."""
    about: dict[str, list[str]] = {}
    for file in held.files:
        for note in file["notes"]:
            about.setdefault(note, []).append(file["file"])
    for note, named in list(about.items())[:MOST_NOTES]:
        files = list(dict.fromkeys(named))
        more = f" and {len(files) - 1:,} more" if len(files) > 1 else ""
        print(f"  note: {files[0]}{more}: {note}")
    if len(about) > MOST_NOTES:
        print(f"  and {counted(len(about) - MOST_NOTES, 'more note')} on files, on the Data page")


def _print_changes(held: snapshot.Snapshot) -> None:
    """What is not as in the snapshot before: rows per table and month, columns, and days without a row."""
    for change in held.changes[-MOST_CHANGES:]:
        told = [f"{change[kind]:,} {kind}" for kind in ("added", "restated", "removed") if change[kind]]
        print(f"  {change['table']} {change['month']}: {', '.join(told)}")
    if len(held.changes) > MOST_CHANGES:
        print(f"  and {counted(len(held.changes) - MOST_CHANGES, 'more month')}, on the Data page")
    for found in held.drift:
        for kind in ("new", "lost"):
            if found[kind]:
                where = found["source"] or found["table"]
                print(f"  columns of {where}, {kind}: {', '.join(found[kind])}")
    shares = [f"{entry['aside'] / max(entry['read'], 1):.2%}" for entry in held.history[-2:]]
    before = f", {shares[0]} at the publication before" if len(shares) > 1 else ""
    last = held.history[-1]
    print(f"  set aside: {last['aside']:,} of {counted(last['read'], 'row')}, {shares[-1]}{before}")
    for table, gaps in sorted(snapshot.gaps(held).items()):
        if gaps:
            print(f"  {table}: no rows on {counted(len(gaps), 'day')} inside its span, last on {gaps[-1]}")


def erase(options: argparse.Namespace) -> int:
    """Put customers on the list of the erased, and publish."""
    data = settings.data_folder(options.data)
    until = day_of(options.held_until, "--held-until") if options.held_until else None
    today = erasure.today()
    by = person(options.by)
    erasure.add(data, [erasure.Entry(name, today, by, until, options.reason) for name in options.customers])
    print(f"{len(options.customers)} on the list {data / erasure.FILE}")
    if until and until >= today:
        print(f"held until {until}: their rows stay until then")
        return 0
    sys.stdout.flush()
    try:
        catalog = Catalog(settings.query_folders(data, options.queries))
        report = publishing.publish(data, catalog, tell=progress.printer())
    finally:
        progress.cleared()
    rows = ", ".join(f"{rows:,} of {table}" for table, rows in sorted(report.erased.items()))
    print(f"erased: {rows or 'nothing was published of them'}; {report.snapshot.id} is served")
    return 0
