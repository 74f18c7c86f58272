"""What publishing says of files and rows, in Korean: it writes English, which a snapshot keeps, and pages show both."""

import re
from collections.abc import Mapping
from functools import cache

SENTENCES: Mapping[str, str] = {
    # Rules that rows break.
    "empty": "비어 있음",
    "not a number": "숫자가 아님",
    "not a time with a zone": "시간대가 있는 시각이 아님",
    "before 1990": "1990년 이전",
    "in the future": "미래의 시각",
    "nothing in it": "내용이 없음",
    "above the most stars possible": "별점 만점보다 큼",
    "below {low}": "{low}보다 작음",
    "outside the scale {low}–{high} of {metric}": "{metric} 척도 {low}–{high} 밖",
    "unknown, shown as {word}": "모르는 값이라 {word}로 보임",
    "more cells than columns": "열보다 칸이 많음",
    "a quote within a quoted cell": "따옴표로 묶인 칸 안의 따옴표",
    "not readable": "읽을 수 없음",
    # What to do about them.
    "Fill “{column}” in the export.": "내보낼 때 “{column}” 열을 채우세요.",
    "Export numbers in “{column}”; leave it empty where there is none.": (
        "“{column}” 열에는 숫자만 쓰고, 없으면 비워 두세요."
    ),
    "Write “{column}” like {example}, or declare the zone.": (
        "“{column}” 열을 {example}처럼 쓰거나 시간대를 선언하세요."
    ),
    "Look how “{column}” is exported: such dates usually stand for “unknown”.": (
        "“{column}” 열을 어떻게 내보내는지 보세요. 이런 날짜는 보통 ‘모름’을 뜻합니다."
    ),
    "Look at the clock or the zone of “{column}”.": "“{column}” 열의 시계나 시간대를 확인하세요.",
    "Leave such rows out of the export.": "이런 행은 빼고 내보내세요.",
    "Give `rating_max` where the scale is not five stars.": "별 다섯 개 만점이 아니면 `rating_max`를 주세요.",
    "Map codes that mean “no answer” to empty in a source, or correct the scale in the metric's file.": (
        "‘무응답’ 코드를 소스에서 빈 값으로 바꾸거나, 지표 파일의 척도를 고치세요."
    ),
    "Look at “{column}” in the export.": "내보낸 파일의 “{column}” 열을 확인하세요.",
    "Name it in [labels.{column}.values], or correct it in the export.": (
        "[labels.{column}.values]에 이름을 적거나 내보낼 때 고치세요."
    ),
    "A text that holds the delimiter has to stand in quotes; correct the row in the export.": (
        "구분자가 든 글은 따옴표로 묶어야 합니다. 내보낼 때 그 행을 고치세요."
    ),
    "Write a quote within a quoted cell twice, or name the `escape` in the source.": (
        "따옴표로 묶인 칸 안의 따옴표는 두 번 쓰거나, 소스에 `escape`를 적으세요."
    ),
    "Correct the row in the export.": "내보낼 때 그 행을 고치세요.",
    # Why a file was set aside, and what to do.
    "None of its {n} rows can be used.": "{n}개 행 가운데 쓸 수 있는 행이 없습니다.",
    "It has {n} columns, more than {most}.": "열이 {n}개로 {most}개보다 많습니다.",
    "Write a source that takes those that are wanted.": "필요한 열만 고르는 소스를 쓰세요.",
    "The file has no column “{column}”, which {table} must have.": (
        "{table}에 꼭 있어야 하는 “{column}” 열이 없습니다."
    ),
    "The source {source} gives no column “{column}”, which {table} must have.": (
        "{table}에 꼭 있어야 하는 “{column}” 열을 소스 {source}이 주지 않습니다."
    ),
    "The column “{column}” holds lists or objects, not single values.": (
        "“{column}” 열에 값 하나가 아니라 목록이나 객체가 들어 있습니다."
    ),
    "Leave it out, or write a source that takes single values out of it (unnest, dots).": (
        "빼거나, 값을 하나씩 꺼내는 소스를 쓰세요(unnest, 점)."
    ),
    "The column “{column}” is spelled “{name}” in {table}.": "{table}에서는 “{column}” 열을 “{name}”라고 씁니다.",
    "The column “{column}”, which {table} does not know, holds what names people ({kind}).": (
        "{table}이 모르는 “{column}” 열에 개인을 알아볼 수 있는 값이 있습니다({kind})."
    ),
    "Leave it out of the export, or write a source that leaves it out.": "내보낼 때 빼거나, 빼는 소스를 쓰세요.",
    "The times in “{column}” carry no time zone.": "“{column}” 열의 시각에 시간대가 없습니다.",
    "Export them with a zone, declare `zone:` in the source, or set export_time_zone in cx.toml.": (
        "시간대와 함께 내보내거나, 소스에 `zone:`을 적거나, cx.toml에 export_time_zone을 적으세요."
    ),
    "The column “{column}” stands in it twice.": "“{column}” 열이 두 번 있습니다.",
    "Rename one of them in the export.": "내보낼 때 둘 가운데 하나의 이름을 바꾸세요.",
    "Nothing here reads files ending in “{ending}”.": "“{ending}”로 끝나는 파일은 읽지 못합니다.",
    "Name a reader in the source: {some} or {last}.": "소스에 reader를 적으세요: {some}, {last}.",
    "{n} of its {total} rows cannot be cut into the {width} columns that it names, first row {row}: {text}.": (
        "{total}개 행 가운데 {n}개를 머리글의 열 {width}개로 나눌 수 없습니다. 첫 행은 {row}번째입니다: {text}."
    ),
    "Look at its delimiter and its header; name `delimiter` or `header_row` in the source.": (
        "구분자와 머리글을 확인하고, 소스에 `delimiter`나 `header_row`를 적으세요."
    ),
    "It is a web page by its content.": "내용을 보면 웹 페이지입니다.",
    "It is a web page by its content, without a table.": "내용을 보면 표가 없는 웹 페이지입니다.",
    "Export it again: what was saved is probably a login page.": "다시 내보내세요. 로그인 화면이 저장된 것 같습니다.",
    "It is a spreadsheet by its content.": "내용을 보면 스프레드시트입니다.",
    "It is a spreadsheet or another file of an old office program by its content.": (
        "내용을 보면 스프레드시트이거나 옛 오피스 프로그램의 파일입니다."
    ),
    "It is a PDF by its content.": "내용을 보면 PDF입니다.",
    "It is a picture by its content.": "내용을 보면 그림입니다.",
    "It is a compressed file by its content.": "내용을 보면 압축 파일입니다.",
    "It is a document by its content.": "내용을 보면 문서입니다.",
    "It is a database by its content.": "내용을 보면 데이터베이스입니다.",
    "It is text by its content.": "내용을 보면 텍스트입니다.",
    "It is {kind} by its content.": "내용을 보면 {kind}입니다.",
    "Give it the ending of what it is, or name its `reader`.": "내용에 맞는 확장자로 바꾸거나 `reader`를 적으세요.",
    "Export the table itself as CSV, XLSX or JSON.": "표 자체를 CSV, XLSX, JSON으로 내보내세요.",
    "Write `reader: csv` in the source, or give it the ending .csv.": (
        "소스에 `reader: csv`를 적거나 확장자를 .csv로 바꾸세요."
    ),
    "Its sheets are empty.": "시트가 비어 있습니다.",
    "It holds no records.": "레코드가 없습니다.",
    "Each record must be a JSON object; name their list under `records`.": (
        "레코드는 모두 JSON 객체여야 합니다. 목록의 이름을 `records`에 적으세요."
    ),
    "It has no list “{name}”.": "“{name}” 목록이 없습니다.",
    "It has no sheet “{name}”.": "“{name}” 시트가 없습니다.",
    "It cannot be read as a spreadsheet: {why}.": "스프레드시트로 읽을 수 없습니다: {why}.",
    "It cannot be read as delimited text: {why}.": "구분자로 나뉜 텍스트로 읽을 수 없습니다: {why}.",
    "It cannot be read as {kind}: {why}": "{kind}로 읽을 수 없습니다: {why}",
    "It cannot be read: {why}.": "읽을 수 없습니다: {why}.",
    "Correct the file's rights.": "파일의 권한을 고치세요.",
    "Open it in a spreadsheet program and save it as .xlsx, without a password.": (
        "스프레드시트 프로그램에서 열어 암호 없이 .xlsx로 저장하세요."
    ),
    "Export it again; see that the copy is complete.": "다시 내보내고, 복사가 끝났는지 확인하세요.",
    "Export it again; see that the copy is complete, or name its `encoding` in the source.": (
        "다시 내보내고 복사가 끝났는지 확인하거나, 소스에 `encoding`을 적으세요."
    ),
    "Export it again as CSV.": "CSV로 다시 내보내세요.",
    "It is empty.": "비어 있습니다.",
    "It is no text: it holds bytes that are no letters.": "텍스트가 아닙니다. 글자가 아닌 바이트가 있습니다.",
    "Name its reader, or export it as CSV.": "reader를 적거나 CSV로 내보내세요.",
    "It is marked as UTF-8 and is not.": "UTF-8이라고 표시되어 있지만 아닙니다.",
    "It is UTF-8 text, but line {line} is damaged ({n} such lines).": (
        "UTF-8 텍스트이지만 {line}번째 줄이 손상되었습니다(그런 줄 {n}개)."
    ),
    "It ends within a row: its last line has {found} of {width} cells and no end.": (
        "행 중간에서 끝납니다. 마지막 줄은 칸이 {width}개 가운데 {found}개이고 줄바꿈이 없습니다."
    ),
    "It was probably cut off while it was copied: export it again. If it is whole, end it with a line break.": (
        "복사하다 잘린 것 같으니 다시 내보내세요. 온전한 파일이면 줄바꿈으로 끝내세요."
    ),
    "It ends within a quoted cell that begins after line {line}.": (
        "{line}번째 줄 뒤에서 시작한 따옴표 칸 안에서 끝납니다."
    ),
    "It was probably cut off while it was copied: export it again.": "복사하다 잘린 것 같으니 다시 내보내세요.",
    "It is not written in {encoding}: {why} at byte {at}.": (
        "{encoding}로 쓴 파일이 아닙니다: {at}번째 바이트, {why}."
    ),
    "Name its `encoding` in the source, or save it as UTF-8.": "소스에 `encoding`을 적거나 UTF-8로 저장하세요.",
    "There is no encoding “{encoding}”.": "“{encoding}” 인코딩은 없습니다.",
    "Write utf-8, utf-16, cp949, cp1252 or another that Python knows.": (
        "utf-8, utf-16, cp949, cp1252 등 파이썬이 아는 이름을 쓰세요."
    ),
    "It has no row {row}, which should name the columns.": "열 이름이 있어야 할 {row}번째 행이 없습니다.",
    "Correct `header_row`.": "`header_row`를 고치세요.",
    "It has {n} rows and nothing newer, {before} were published of it before: it was probably cut off.": (
        "행이 {n}개이고 더 새로운 것이 없습니다. 전에는 {before}개를 게시했으므로 잘린 것 같습니다."
    ),
    "Export it again. `python -m cx publish --release` publishes it as it is.": (
        "다시 내보내세요. 이대로 게시하려면 `python -m cx publish --release`를 쓰세요."
    ),
    "It is no Parquet file (its name ends in “{ending}”).": "Parquet 파일이 아닙니다(이름이 “{ending}”로 끝납니다).",
    "Export Parquet here, or keep it elsewhere in the data folder and write a source for it.": (
        "여기에는 Parquet을 내보내거나, 데이터 폴더의 다른 곳에 두고 소스를 쓰세요."
    ),
    "It is not a plain file inside the data folder.": "데이터 폴더 안의 보통 파일이 아닙니다.",
    "Copy the file itself here; links to elsewhere are not followed.": (
        "파일 자체를 여기에 복사하세요. 링크는 따라가지 않습니다."
    ),
    "It cannot be opened: {why}.": "열 수 없습니다: {why}.",
    "Correct its rights so that the dashboard may read it.": "대시보드가 읽을 수 있도록 권한을 고치세요.",
    "It is not what its checksum in {file} was made of.": "{file}의 체크섬과 내용이 다릅니다.",
    "It is still being written.": "아직 쓰는 중입니다.",
    "It is read once it stays as it is.": "쓰기가 끝나면 읽습니다.",
    "It is still being written after {n} minutes.": "{n}분이 지나도 쓰는 중입니다.",
    "Write it elsewhere, and move it here when it is complete.": "다른 곳에서 다 쓴 뒤 여기로 옮기세요.",
    "Its name is that of {file}, spelled in another way.": "{file}과 이름이 같고 적는 법만 다릅니다.",
    "Remove one of the two, or give it another name.": "둘 가운데 하나를 지우거나 이름을 바꾸세요.",
    "It is encrypted.": "암호화되어 있습니다.",
    "Export it without encryption.": "암호화하지 않고 내보내세요.",
    "It is no whole Parquet file: its first or last bytes are of another kind.": (
        "온전한 Parquet 파일이 아닙니다. 처음이나 끝의 바이트가 다릅니다."
    ),
    "It is no whole Parquet file: its end is longer than the file.": (
        "온전한 Parquet 파일이 아닙니다. 끝부분이 파일보다 깁니다."
    ),
    "The column “{column}” is damaged in row group {group}: {why}.": (
        "“{column}” 열이 {group}번째 행 묶음에서 손상되었습니다: {why}."
    ),
    "Rename it in the source.": "소스에서 이름을 바꾸세요.",
    "Rename it in the export, or write a source that maps it.": "내보낼 때 이름을 바꾸거나, 옮겨 적는 소스를 쓰세요.",
    "Did you mean {names}?": "{names}인가요?",
    "Did you mean {names}? Rename it in the source.": "{names}인가요? 소스에서 이름을 바꾸세요.",
    "Did you mean {names}? Rename it in the export, or write a source that maps it.": (
        "{names}인가요? 내보낼 때 이름을 바꾸거나, 옮겨 적는 소스를 쓰세요."
    ),
    "Known here: {names}.": "여기 있는 것: {names}.",
    "Known here: {names}. Rename it in the source.": "여기 있는 것: {names}. 소스에서 이름을 바꾸세요.",
    "Known here: {names}. Rename it in the export, or write a source that maps it.": (
        "여기 있는 것: {names}. 내보낼 때 이름을 바꾸거나, 옮겨 적는 소스를 쓰세요."
    ),
    # Notes.
    "It has {n} rows, {before} were published of it before.": "행이 {n}개입니다. 전에는 {before}개를 게시했습니다.",
    "The rows it had before are still shown.": "전에 있던 행을 그대로 보여 줍니다.",
    "The column “{column}” is empty in all of its rows.": "“{column}” 열이 모든 행에서 비어 있습니다.",
    "The column “{column}” is empty in {now} of its rows, {usual} in the files before it.": (
        "“{column}” 열이 행의 {now}에서 비어 있습니다. 앞선 파일에서는 {usual}였습니다."
    ),
    "{n} rows of erased customers were left out.": "삭제된 고객의 행 {n}개를 뺐습니다.",
    "It holds no rows.": "행이 없습니다.",
    "{n} scores are all but whole (such as {example}) and judged as they stand; round them in a source where the "
    "export meant whole ones.": (
        "점수 {n}개가 정수에 아주 가깝습니다({example} 등). 그대로 쓰므로, 정수여야 하면 소스에서 반올림하세요."
    ),
    "The column “{column}” is no segment because of {why}.": "“{column}” 열은 세그먼트가 아닙니다: {why}.",
    "The column “{column}” has too many different values ({n}) to be a segment.": (
        "“{column}” 열은 서로 다른 값이 너무 많아({n}) 세그먼트가 되지 않습니다."
    ),
    "{n} rows have an unknown “{column}”, such as “{value}”: shown as {word}.": (
        "행 {n}개의 “{column}” 값을 모릅니다(“{value}” 등). {word}로 보입니다."
    ),
    "{n} header row, {columns} columns.": "머리글 {n}행, 열 {columns}개입니다.",
    "{n} header rows, {columns} columns.": "머리글 {n}행, 열 {columns}개입니다.",
    "Columns of one name are told apart by a number: {names}.": "이름이 같은 열은 번호로 구별합니다: {names}.",
    "Read as {how}.": "이렇게 읽었습니다: {how}.",
    "Rows {first} and {second} name the columns together.": "{first}행과 {second}행을 합쳐 열 이름으로 읽었습니다.",
    "It is a web page by its content: its tables are read as sheets.": (
        "내용을 보면 웹 페이지라서, 그 안의 표를 시트로 읽었습니다."
    ),
    "Read the sheet “{sheet}”, not {others}.": "“{sheet}” 시트를 읽었고 {others}는 읽지 않았습니다.",
    "In the sheet “{sheet}” row {row} names the columns.": "“{sheet}” 시트는 {row}행이 열 이름입니다.",
    "Lists stay lists, for unnest(…) in a source: {names}.": (
        "목록은 그대로 둡니다. 소스에서 unnest(…)를 쓰세요: {names}."
    ),
    "Its records are the list “{name}”.": "“{name}” 목록을 레코드로 읽었습니다.",
    "Source {source}: no file matches {files}.": "소스 {source}: {files}에 맞는 파일이 없습니다.",
    "{file} was written in the future; it counts as written when it came here.": (
        "{file}은 미래에 쓴 것으로 되어 있어, 여기 온 때에 쓴 것으로 봅니다."
    ),
    "{table}: {day} has {n} rows so far, {usual} are usual on that weekday. The day is held until the rest of it "
    "comes; `python -m cx publish --release` publishes it as it is.": (
        "{table}: {day}은 지금까지 {n}행이며 같은 요일에는 보통 {usual}행입니다. 나머지가 올 때까지 이날을 미룹니다. "
        "이대로 게시하려면 `python -m cx publish --release`를 쓰세요."
    ),
    "Korean words are found as they are written, without their particles: install kiwipiepy to find all forms.": (
        "한국어 단어를 조사만 떼고 적은 그대로 찾습니다. 모든 꼴을 찾으려면 kiwipiepy를 설치하세요."
    ),
    "{n} of {total} texts seem to be in a language other than Korean and English: their themes are not read, and only "
    "a score tells how they judge.": (
        "글 {total}건 가운데 {n}건은 한국어나 영어가 아닌 것 같습니다. "
        "이런 글의 주제는 읽지 못하고, 감정은 점수로만 압니다."
    ),
}
"""What publishing says, with its Korean; `{…}` stands for what differs."""


def in_korean(text: str) -> str:
    """A sentence of publishing in Korean; one that is not known here stays as it is."""
    plain = SENTENCES.get(text)
    if plain is not None:
        return plain
    for pattern, korean in _patterns():
        if found := pattern.fullmatch(text):
            for name, value in found.groupdict().items():
                korean = korean.replace(f"{{{name}}}", value)
            return korean
    return text


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """The sentences with places in them, those that say most by themselves first."""
    found = []
    for english in sorted(
        (text for text in SENTENCES if "{" in text), key=lambda text: -len(re.sub(r"\{\w+\}", "", text))
    ):
        pieces = re.split(r"\{(\w+)\}", english)
        pattern = "".join(f"(?P<{piece}>.+?)" if at % 2 else re.escape(piece) for at, piece in enumerate(pieces))
        found.append((re.compile(pattern, re.DOTALL), SENTENCES[english]))
    return tuple(found)
