"""What publishing says of exports, in Korean: sentences written once, in English, where they are said.

A snapshot keeps what was said with its numbers and names in it. Each entry is such a sentence with `{}` for these, and
its Korean with `{0}`, `{1}` … in their places; what is said within another sentence is looked up in turn. What is not
found stays as it is.
"""

import re
from functools import cache, lru_cache

from cx.words import Language

SENTENCES = {
    # --- rows that break a rule, and what to do about them
    "not a number": "숫자가 아님",
    "not a time with a zone": "시간대가 있는 시각이 아님",
    "empty": "비어 있음",
    "below {}": "{0}보다 작음",
    "before 1990": "1990년 이전",
    "in the future": "미래의 시각",
    "nothing in it": "내용이 없음",
    "above the most stars possible": "별점 만점을 넘음",
    "outside the scale {}–{} of {}": "{2}의 척도 {0}–{1}을 벗어남",
    "unknown, shown as {}": "모르는 값, {0}(으)로 표시",
    "more cells than columns": "열보다 칸이 많음",
    "fewer cells than columns": "열보다 칸이 적음",
    "a quote within a quoted cell": "따옴표로 묶은 칸 안의 따옴표",
    "not readable": "읽을 수 없음",
    "Write “{}” like 2026-11-22T09:30:00+09:00, or declare the zone.": "“{0}” 열을 2026-11-22T09:30:00+09:00처럼 쓰거나 시간대를 선언하세요.",
    "Fill “{}” in the export.": "내보낼 때 “{0}” 열을 채우세요.",
    "Look how “{}” is exported: such dates usually stand for “unknown”.": "“{0}” 열을 내보내는 방식을 살펴보세요. 이런 날짜는 보통 “알 수 없음”을 뜻합니다.",
    "Look at the clock or the zone of “{}”.": "“{0}” 열의 시계나 시간대를 살펴보세요.",
    "Leave such rows out of the export.": "이런 행은 내보내지 마세요.",
    "Map codes that mean “no answer” to empty in a source, or correct the scale in the metric's file.": "“무응답”을 뜻하는 코드는 소스에서 빈 값으로 바꾸거나, 지표 파일의 척도를 고치세요.",
    "Look at “{}” in the export.": "내보낸 파일의 “{0}” 열을 살펴보세요.",
    "Name it in [labels.{}.values], or correct it in the export.": "[labels.{0}.values]에 이름을 적거나 내보낸 파일에서 고치세요.",
    "A text that holds the delimiter has to stand in quotes; correct the row in the export.": "구분자가 들어 있는 글은 따옴표로 묶어야 합니다. 내보낸 파일의 그 행을 고치세요.",
    "Write a quote within a quoted cell twice, or name the `escape` in the source.": "따옴표로 묶은 칸 안의 따옴표는 두 번 쓰거나 소스에 `escape`를 적으세요.",
    "Correct the row in the export.": "내보낸 파일의 그 행을 고치세요.",
    # --- what is noted of files that are read
    "It holds no rows.": "행이 없습니다.",
    "{} rows of erased customers were left out.": "삭제된 고객의 행 {0}개를 뺐습니다.",
    "The column “{}” is empty in all of its rows.": "“{0}” 열이 모든 행에서 비어 있습니다.",
    "The column “{}” is empty in {} of its rows, {} in the files before it.": "“{0}” 열이 행의 {1}에서 비어 있습니다. 앞선 파일에서는 {2}였습니다.",
    "{} texts in “{}” are longer than {} letters and cut there.": "“{1}” 열의 글 {0}개가 {2}자보다 길어 거기서 잘랐습니다.",
    "The column “{}” is none of {} and left out.": "“{0}” 열은 {1}의 열이 아니어서 뺐습니다.",
    "The column “{}” is no segment because of {}.": "“{0}” 열은 {1} 때문에 세그먼트가 되지 않습니다.",
    "its type": "자료형",
    "its name, which the product uses itself": "제품이 스스로 쓰는 이름",
    "The column “{}” has too many different values ({}) to be a segment.": "“{0}” 열은 서로 다른 값이 너무 많아({1}) 세그먼트가 되지 않습니다.",
    "over {}": "{0}개 넘음",
    "{} rows have an unknown “{}”, such as “{}”: shown as {}.": "행 {0}개의 “{1}” 값을 모릅니다(예: “{2}”). {3}(으)로 표시합니다.",
    "{} scores are all but whole (such as 8.999999) and judged as they stand; round them in a source where the export meant whole ones.": "점수 {0}개가 정수에 아주 가깝지만 정수가 아니며(예: 8.999999) 있는 그대로 판단합니다. 정수여야 한다면 소스에서 반올림하세요.",
    "It has {} rows, {} were published of it before.": "행이 {0}개입니다. 전에는 {1}개를 게시했습니다.",
    "The rows it had before are still shown.": "전에 있던 행을 그대로 보여 줍니다.",
    "Columns of one name are told apart by a number: {}.": "이름이 같은 열은 번호로 구별합니다: {0}.",
    "Read as {}.": "{0}(으)로 읽었습니다.",
    "Rows {} and {} name the columns together.": "{0}행과 {1}행이 함께 열 이름입니다.",
    "Read the sheet “{}”, not {}.": "“{0}” 시트를 읽었고 {1}은(는) 읽지 않았습니다.",
    "In the sheet “{}” row {} names the columns.": "“{0}” 시트는 {1}행이 열 이름입니다.",
    "Read as encoding {}.": "{0} 인코딩으로 읽었습니다.",
    "Lists stay lists, for unnest(…) in a source: {}.": "목록은 목록으로 둡니다. 소스에서 unnest(…)로 펼치세요: {0}.",
    "Its records are the list “{}”.": "레코드는 “{0}” 목록입니다.",
    "It is a web page by its content: its tables are read as sheets.": "내용이 웹 페이지여서 그 안의 표를 시트로 읽습니다.",
    "{} header {}, {} columns.": "머리글 {0}{1}, 열 {2}개.",
    "row": "행",
    "rows": "행",
    # --- the nearest names
    "Did you mean “{}” or “{}” or “{}”?": "“{0}”, “{1}”, “{2}” 가운데 하나인가요?",
    "Did you mean “{}” or “{}”?": "“{0}”이나 “{1}”인가요?",
    "Did you mean “{}”?": "“{0}”인가요?",
    "Known here: {}.": "여기서 쓸 수 있는 이름: {0}.",
    "There is nothing to choose from here.": "여기서 고를 수 있는 것이 없습니다.",
    # --- files that are set aside
    "DuckDB cannot read it: {}": "DuckDB가 읽지 못합니다: {0}",
    "None of its {} rows can be used.": "행 {0}개 가운데 쓸 수 있는 것이 없습니다.",
    "Correct {} or the file.": "{0} 파일이나 이 파일을 고치세요.",
    "It has {} columns, more than {}.": "열이 {0}개로 {1}개보다 많습니다.",
    "Write a source that takes those that are wanted.": "필요한 열만 고르는 소스를 쓰세요.",
    "The column “{}” holds lists or objects, not single values.": "“{0}” 열에 값 하나가 아니라 목록이나 객체가 들어 있습니다.",
    "Leave it out, or write a source that takes single values out of it (unnest, dots).": "이 열을 빼거나, 값을 하나씩 꺼내는 소스를 쓰세요(unnest, 점).",
    "The column “{}” is spelled “{}” in {}.": "“{0}” 열은 {2}에서 “{1}”(으)로 씁니다.",
    "Rename it in the source.": "소스에서 이름을 바꾸세요.",
    "Rename it in the export, or write a source that maps it.": "내보낼 때 이름을 바꾸거나, 이름을 바꾸는 소스를 쓰세요.",
    "The file has no column “{}”, which {} must have.": "{1}에 꼭 있어야 하는 “{0}” 열이 파일에 없습니다.",
    "The source {} gives no column “{}”, which {} must have.": "{2}에 꼭 있어야 하는 “{1}” 열을 소스 {0}이(가) 주지 않습니다.",
    "The column “{}”, which {} does not know, holds what names people ({}).": "{1}이(가) 모르는 “{0}” 열에 사람을 알아볼 수 있는 것({2})이 들어 있습니다.",
    "Leave it out of the export, or write a source that leaves it out.": "내보낼 때 이 열을 빼거나, 이 열을 빼는 소스를 쓰세요.",
    "{} no column “{}”, which {} must have.": "{2}에 꼭 있어야 하는 “{1}” 열이 없습니다({0}).",
    "Give `rating_max` where the scale is not five stars.": "별점이 5점 만점이 아니면 `rating_max`를 주세요.",
    "Export numbers in “{}”; leave it empty where there is none.": "“{0}” 열에는 숫자를 내보내고, 없으면 비워 두세요.",
    "Export them with a zone, declare `zone:` in the source, or set export_time_zone in cx.toml.": "시간대와 함께 내보내거나, 소스에 `zone:`을 선언하거나, cx.toml에 export_time_zone을 적으세요.",
    "The times in “{}” carry no time zone.": "“{0}” 열의 시각에 시간대가 없습니다.",
    "The process ended over it twice, perhaps for want of memory.": "이 파일을 읽다가 프로세스가 두 번 끝났습니다. 메모리가 모자랐을 수 있습니다.",
    "Export it in smaller files. `python -m cx publish --again` tries it once more.": "더 작은 파일로 나누어 내보내세요. `python -m cx publish --again`으로 다시 시도합니다.",
    "It has {} rows and nothing newer, {} were published of it before: it was probably cut off.": "행이 {0}개이고 더 새로운 것이 없습니다. 전에는 {1}개를 게시했으므로 잘린 것으로 보입니다.",
    "Export it again. `python -m cx publish --release` publishes it as it is.": "다시 내보내세요. `python -m cx publish --release`는 있는 그대로 게시합니다.",
    "It is still being written.": "아직 기록 중입니다.",
    "It is read once it stays as it is.": "더 바뀌지 않으면 읽습니다.",
    "It is still being written after {} minutes.": "{0}분이 지나도 아직 기록 중입니다.",
    "Write it elsewhere, and move it here when it is complete.": "다른 곳에 쓰고, 다 되면 여기로 옮기세요.",
    "It is not a plain file inside the data folder.": "데이터 폴더 안의 보통 파일이 아닙니다.",
    "Copy the file itself here; links to elsewhere are not followed.": "파일 자체를 여기에 복사하세요. 다른 곳을 가리키는 링크는 따라가지 않습니다.",
    "It cannot be opened: {}.": "열 수 없습니다: {0}.",
    "Correct its rights so that the dashboard may read it.": "대시보드가 읽을 수 있게 권한을 고치세요.",
    "It is not what its checksum in {} was made of.": "{0}의 체크섬과 내용이 다릅니다.",
    "Its name is that of {}, spelled in another way.": "이름이 {0}와(과) 같고 표기만 다릅니다.",
    "Remove one of the two, or give it another name.": "둘 가운데 하나를 지우거나 다른 이름을 주세요.",
    "It is no Parquet file (its name ends in “{}”).": "Parquet 파일이 아닙니다(이름이 “{0}”(으)로 끝남).",
    "Export Parquet here, or keep it elsewhere in the data folder and write a source for it.": "여기에는 Parquet을 내보내거나, 데이터 폴더의 다른 곳에 두고 소스를 쓰세요.",
    "Nothing here reads files ending in “{}”.": "“{0}”(으)로 끝나는 파일을 읽는 것이 없습니다.",
    "Name a reader in the source: {} or {}.": "소스에 reader를 적으세요: {0} 또는 {1}.",
    "The column “{}” stands in it twice.": "“{0}” 열이 두 번 나옵니다.",
    "Rename one of them in the export.": "내보낼 때 하나의 이름을 바꾸세요.",
    "{} of its {} rows cannot be cut into the {} columns that it names, first row {}: {}.": "행 {1}개 가운데 {0}개를 파일이 말하는 열 {2}개로 나눌 수 없습니다. 처음은 {3}행: {4}.",
    "Look at its delimiter and its header; name `delimiter` or `header_row` in the source.": "구분자와 머리글을 살펴보고 소스에 `delimiter`나 `header_row`를 적으세요.",
    "It is {} by its content.": "내용은 {0}입니다.",
    "It is a web page by its content, without a table.": "내용은 표가 없는 웹 페이지입니다.",
    "a web page": "웹 페이지",
    "a PDF": "PDF",
    "a picture": "그림",
    "a spreadsheet": "스프레드시트",
    "a document": "문서",
    "a database": "데이터베이스",
    "a compressed file": "압축 파일",
    "a spreadsheet or another file of an old office program": "옛 오피스 프로그램의 스프레드시트나 다른 파일",
    "It is text by its content.": "내용은 글자뿐인 텍스트입니다.",
    "Export it again: what was saved is probably a login page.": "다시 내보내세요. 로그인 페이지가 저장된 것 같습니다.",
    "Give it the ending of what it is, or name its `reader`.": "내용에 맞는 확장자를 주거나 `reader`를 적으세요.",
    "Export the table itself as CSV, XLSX or JSON.": "표 자체를 CSV, XLSX, JSON으로 내보내세요.",
    "Write `reader: csv` in the source, or give it the ending .csv.": "소스에 `reader: csv`를 적거나 확장자를 .csv로 바꾸세요.",
    "Its sheets are empty.": "시트가 비어 있습니다.",
    "It has no sheet “{}”.": "“{0}” 시트가 없습니다.",
    "It cannot be read as a spreadsheet: {}.": "스프레드시트로 읽을 수 없습니다: {0}.",
    "Open it in a spreadsheet program and save it as .xlsx, without a password.": "스프레드시트 프로그램에서 열어 암호 없이 .xlsx로 저장하세요.",
    "It holds no records.": "레코드가 없습니다.",
    "Each record must be a JSON object; name their list under `records`.": "레코드는 JSON 객체여야 합니다. 그 목록의 이름을 `records`에 적으세요.",
    "It has no list “{}”.": "“{0}” 목록이 없습니다.",
    "It cannot be read as {}: {}": "{0}(으)로 읽을 수 없습니다: {1}",
    "It cannot be read: {}.": "읽을 수 없습니다: {0}.",
    "Correct the file's rights.": "파일 권한을 고치세요.",
    "It is marked as UTF-8 and is not.": "UTF-8이라고 표시되어 있지만 아닙니다.",
    "It is UTF-8 text, but line {} is damaged ({} such lines).": "UTF-8 글이지만 {0}번째 줄이 손상되었습니다(그런 줄 {1}개).",
    "It is empty.": "비어 있습니다.",
    "It is no text: it holds bytes that are no letters.": "글이 아닙니다. 글자가 아닌 바이트가 들어 있습니다.",
    "Name its reader, or export it as CSV.": "reader를 적거나 CSV로 내보내세요.",
    "It ends within a row: its last line has {} of {} cells and no end.": "행 가운데에서 끝납니다. 마지막 줄은 칸 {1}개 가운데 {0}개뿐이고 줄 끝이 없습니다.",
    "It was probably cut off while it was copied: export it again. If it is whole, end it with a line break.": "복사하다 잘린 것 같습니다. 다시 내보내세요. 온전한 파일이면 줄 바꿈으로 끝내세요.",
    "It is not written in {}: {} at byte {}.": "{0}(으)로 쓰이지 않았습니다: {2}번째 바이트에서 {1}.",
    "Name its `encoding` in the source, or save it as UTF-8.": "소스에 `encoding`을 적거나 UTF-8로 저장하세요.",
    "There is no encoding “{}”.": "“{0}” 인코딩은 없습니다.",
    "Write utf-8, utf-16, cp949, cp1252 or another that Python knows.": "utf-8, utf-16, cp949, cp1252처럼 Python이 아는 이름을 쓰세요.",
    "It cannot be read as delimited text: {}.": "구분자로 나뉜 글로 읽을 수 없습니다: {0}.",
    "Export it again as CSV.": "CSV로 다시 내보내세요.",
    "It has no row {}, which should name the columns.": "열 이름이 있어야 할 {0}행이 없습니다.",
    "It ends within a quoted cell that begins after line {}.": "{0}번째 줄 뒤에서 시작한 따옴표 칸 가운데에서 끝납니다.",
    "It was probably cut off while it was copied: export it again.": "복사하다 잘린 것 같습니다. 다시 내보내세요.",
    "unexpected end": "뜻밖의 끝",
    "The column “{}” is damaged in row group {}: {}.": "“{0}” 열이 행 그룹 {1}에서 손상되었습니다: {2}.",
    "The page at byte {} has no end.": "{0}번째 바이트의 페이지에 끝이 없습니다.",
    "Its row groups hold {} rows, its end says {}.": "행 그룹에는 행이 {0}개인데 파일 끝에는 {1}개라고 되어 있습니다.",
    "it lies outside of the file": "파일 밖에 있음",
    "too long a number": "너무 긴 수",
    "nested too deeply": "너무 깊이 겹침",
    "fewer columns than said": "말한 것보다 적은 열",
    "another number of columns": "다른 열 수",
    "a page lies outside of it": "페이지가 그 밖에 있음",
    "a column of another name or type than the schema's": "스키마와 이름이나 자료형이 다른 열",
    "its checksum differs": "체크섬이 다름",
    "Export it again; see that the copy is complete.": "다시 내보내고 끝까지 복사되었는지 살펴보세요.",
    "Export it again; see that the copy is complete, or name its `encoding` in the source.": "다시 내보내고 끝까지 복사되었는지 살펴보거나, 소스에 `encoding`을 적으세요.",
    "Correct `header_row`.": "`header_row`를 고치세요.",
    "It has no page at byte {}, where one should be.": "페이지가 있어야 할 {0}번째 바이트에 페이지가 없습니다.",
    "It is encrypted.": "암호화되어 있습니다.",
    "Export it without encryption.": "암호화하지 않고 내보내세요.",
    "It is no whole Parquet file: its first or last bytes are of another kind.": "온전한 Parquet 파일이 아닙니다. 처음이나 마지막 바이트가 다릅니다.",
    "It is no whole Parquet file: its end is longer than the file.": "온전한 Parquet 파일이 아닙니다. 끝부분이 파일보다 깁니다.",
    "The description at the end of it is damaged.": "끝에 있는 설명이 손상되었습니다.",
    "Its row group {} takes more than {} GB unpacked, or a page of it more than {} MB.": "행 그룹 {0}을(를) 풀면 {1}GB가 넘거나, 그 페이지 하나가 {2}MB를 넘습니다.",
    "Export it in smaller row groups, or in several files.": "더 작은 행 그룹이나 여러 파일로 내보내세요.",
    "It does not begin as exports of Qualtrics do: no ResponseId in its second row.": "Qualtrics 파일처럼 시작하지 않습니다. 둘째 행에 ResponseId가 없습니다.",
    "Export it as CSV under Data & Analysis, or leave `reader: qualtrics` out.": "Data & Analysis에서 CSV로 내보내거나 `reader: qualtrics`를 빼세요.",
    "It does not begin as exports of SurveyMonkey do: its first column is not Respondent ID.": "SurveyMonkey 파일처럼 시작하지 않습니다. 첫 열이 Respondent ID가 아닙니다.",
    "Export all responses with their original columns, or leave `reader: surveymonkey` out.": "모든 응답을 원래 열 그대로 내보내거나 `reader: surveymonkey`를 빼세요.",
    # --- what is noted of a publication
    "{} was written in the future; it counts as written when it came here.": "{0}은(는) 미래에 기록된 것으로 되어 있어, 여기 온 때에 기록된 것으로 봅니다.",
    "Source {}: no file matches {}.": "소스 {0}: {1}에 맞는 파일이 없습니다.",
    "{}: {} has {} rows so far, {} are usual on that weekday. The day is held until the rest of it comes; `python -m cx publish --release` publishes it as it is.": "{0}: {1}에는 지금까지 행이 {2}개입니다. 같은 요일에는 보통 {3}개입니다. 나머지가 올 때까지 그날을 보류하며, `python -m cx publish --release`는 있는 그대로 게시합니다.",
    "The metric “{}” has {} answers but no file queries/metrics/{}.sql, so no page shows it.": "“{0}” 지표는 응답이 {1}건 있지만 queries/metrics/{2}.sql 파일이 없어 어느 페이지에도 나오지 않습니다.",
    "The own brand “{}” of cx.toml has no review.": "cx.toml의 자사 브랜드 “{0}”에는 리뷰가 없습니다.",
    "The metric “{}” that cx.toml names in {} has no file.": "cx.toml의 {1}에 적힌 “{0}” 지표에는 파일이 없습니다.",
    "The {} “{}” was published beside “{}”, which cx.toml shows by that name.": "{0} 열에 “{1}”도 게시되었습니다. cx.toml이 “{2}”에 붙인 이름입니다.",
    "Write “{}” in the source or the export.": "소스나 내보낸 파일에 “{0}”(으)로 쓰세요.",
    "A theme file is not used: {}": "쓰지 못하는 주제 파일이 있습니다: {0}",
    "Korean words are found as they are written, without their particles: install kiwipiepy to find all forms.": "한국어 낱말을 조사만 떼고 쓰인 그대로 찾습니다. 모든 꼴을 찾으려면 kiwipiepy를 설치하세요.",
    "{} of {} texts seem to be in a language other than Korean and English: their themes are not read, and only a score tells how they judge.": "글 {1}건 가운데 {0}건은 한국어나 영어가 아닌 것 같습니다. 이런 글의 주제는 읽지 못하고, 감정은 점수로만 압니다.",
    "Publishing cannot write to {}: {}.": "{0}에 게시할 수 없습니다: {1}.",
    "Make the data folder writable.": "데이터 폴더에 쓸 수 있게 하세요.",
    "Publishing stopped: {}.": "게시가 중단되었습니다: {0}.",
    "What was published before is still served. Free some space or correct the rights, then publish again.": "전에 게시한 것을 그대로 보여 줍니다. 공간을 비우거나 권한을 고친 뒤 다시 게시하세요.",
    "No export of responses or reviews could be used. {}: {}": "쓸 수 있는 응답이나 리뷰 파일이 없습니다. {0}: {1}",
    "There are rows of {}, but none of responses or reviews, and one has to be there.": "{0} 표의 행은 있지만 responses도 reviews도 없습니다. 둘 중 하나는 있어야 합니다.",
    "Add an export of answers or of reviews; examples/online_retail makes answers of order lines.": "응답이나 리뷰를 내보낸 파일을 더하세요. examples/online_retail은 주문 행으로 응답을 만듭니다.",
    "Its last rows hold a cell each and are notes: {}, such as “{}”.": "마지막 행들은 칸이 하나씩만 차 있어 표 아래의 메모로 보고 뺐습니다: {0}행, 예를 들어 “{1}”.",
    "{} rows hold the delimiter in “{}” without quotes and were put together there.": "{0}개 행의 “{1}” 칸에 구분 기호가 따옴표 없이 들어 있어, 그 칸으로 합쳐 읽었습니다.",
    "It is packed, and packed files are not read.": "압축된 파일이라 읽지 않습니다.",
    "Unpack it beside itself, and name what was in it.": "그 자리에서 압축을 풀고, 나온 파일을 지정하세요.",
    "There are no exports in {}.": "{0}에 내보낸 파일이 없습니다.",
    "Put Parquet files into responses/ or reviews/ there, or write a source for files of another shape; `python -m cx demo FOLDER` writes a demo company to look at.": "그곳의 responses/나 reviews/에 Parquet 파일을 두거나, 다른 모양의 파일이면 소스를 쓰세요. `python -m cx demo FOLDER`는 둘러볼 데모 회사를 만듭니다.",
    "Publishing ended without a word.": "게시가 아무 말 없이 끝났습니다.",
}
"""English sentences with `{}` for what differs, and their Korean with `{0}`, `{1}` …"""
SENTENCE_END = re.compile(r"(?<=[.?]) (?=[A-Z“])")


def translated(text: str, language: Language) -> str:
    """What was said in English in a reader's language; as it is where nobody translated it."""
    return _korean(text) if language == "ko" else text


@lru_cache(maxsize=5_000)
def _korean(text: str) -> str:
    if text in SENTENCES:
        return SENTENCES[text]
    for pattern, quoted, korean in _patterns():
        found = pattern.fullmatch(text)
        if found:
            given = zip(found.groups(), quoted, strict=True)
            return korean.format(*(one if name else _korean(one) for one, name in given))
    pieces = SENTENCE_END.split(text)
    return " ".join(map(_korean, pieces)) if len(pieces) > 1 else text


@cache
def _patterns() -> list[tuple[re.Pattern[str], list[bool], str]]:
    """Sentences with something in them, those with the most words of their own first: as patterns, with which of the
    places hold names, between quotation marks, and the Korean."""
    found = []
    for english in sorted((one for one in SENTENCES if "{}" in one), key=lambda one: -len(one)):
        between = english.split("{}")
        pattern = re.compile("(.+?)".join(map(re.escape, between)), re.DOTALL)
        found.append((pattern, [text.endswith("“") for text in between[:-1]], SENTENCES[english]))
    return found
