"""What may stand in an analyst's files, in both languages: keys, kinds of chart, analyses, tables.

The catalog takes the names from here and refuses all others; `python -m cx schema` and docs/reference.*.md print
the sentences, so that neither can say what the other does not know.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """A name's meaning in both languages, and how it is written."""

    en: str
    ko: str
    example: str = ""

    def told(self, language: str) -> str:
        """The meaning in one language."""
        return self.ko if language == "ko" else self.en


QUESTION_KEYS: Mapping[str, Entry] = {
    "title": Entry(
        "The card's title, for as long as no finding takes its place: a text, or {en, ko}. Required.",
        "카드 제목. 발견한 내용이 제목을 대신할 때까지 보입니다. 텍스트 하나 또는 {en, ko}. 필수입니다.",
        'title: {en: "Response rate", ko: "응답률"}',
    ),
    "grain": Entry(
        "What one row is, in words. Required: write it first, the SQL follows from it.",
        "행 하나가 무엇인지 말로 적습니다. 필수이며, 이것을 먼저 적으면 SQL이 따라옵니다.",
        "grain: one row per channel and week",
    ),
    "description": Entry(
        "What the question answers; behind the card's menu.",
        "질문이 답하는 내용. 카드 메뉴에서 볼 수 있습니다.",
        "description: Who answers, and did that change?",
    ),
    "note": Entry(
        "A sentence under the chart: a caveat, a rounding, what is left out.",
        "차트 아래에 붙는 문장. 유의할 점, 반올림, 뺀 것 등을 적습니다.",
        "note: Small branches move by chance.",
    ),
    "chart": Entry(
        "How it is drawn; a table where it is left out.",
        "그리는 방법. 적지 않으면 표로 보입니다.",
        "chart: {kind: line, x: period}",
    ),
    "params": Entry(
        "Typed values that the reader may choose, bound as $name.",
        "읽는 사람이 고르는 값. 자료형이 있고 SQL에는 $이름으로 묶입니다.",
        "params: {metric: {default: nps}}",
    ),
    "by": Entry(
        "The dimension that stands for the column `segment` until the reader chooses another; `none` for no split.",
        "읽는 사람이 다른 기준을 고를 때까지 `segment` 열을 대신하는 차원. 나누지 않으려면 `none`.",
        "by: channel",
    ),
    "by_2": Entry("The same for the column `segment_2`.", "`segment_2` 열에 대한 같은 설정.", "by_2: touchpoint"),
    "window": Entry(
        "How far to look back from the end of the period, instead of the period itself: weeks or whole calendar months.",
        "선택한 기간 대신 그 끝에서 얼마나 거슬러 볼지 정합니다. 주 또는 달 단위.",
        "window: 13 weeks",
    ),
    "metric": Entry(
        "Whose figure it is, where the SQL neither says `metric = '…'` nor returns the column `metric`. A $name takes it "
        "from that parameter.",
        "SQL에 `metric = '…'`도 `metric` 열도 없을 때 어느 지표의 값인지 적습니다. $이름을 쓰면 그 매개변수를 따릅니다.",
        "metric: csat",
    ),
    "uses": Entry(
        "Other questions whose answers are tables here, by the part of their name after the slash. Cycles are refused.",
        "답을 표로 쓸 다른 질문들. 이름에서 빗금 뒤쪽을 표 이름으로 씁니다. 서로 돌고 도는 참조는 거절합니다.",
        "uses: [trends/over_time]",
    ),
    "finding": Entry(
        "Which finding may title the card when the figures carry it.",
        "수치가 뒷받침할 때 제목이 될 수 있는 발견의 종류.",
        "finding: different",
    ),
    "analysis": Entry(
        "What is worked out of all rows together on the way out. One, or a list.",
        "모든 행을 함께 보고 내보낼 때 계산하는 분석. 하나 또는 목록.",
        "analysis: unusual",
    ),
    "minimum": Entry(
        "Fewest answers behind a figure of this question; below, it is not shown.",
        "값 하나에 필요한 최소 응답 수. 그보다 적으면 보이지 않습니다.",
        "minimum: 50",
    ),
    "owner": Entry(
        "Who answers for the file; behind the card's menu.",
        "파일 담당자. 카드 메뉴에서 볼 수 있습니다.",
        "owner: CX analytics",
    ),
    "tests": Entry(
        "Checks that `python -m cx check` runs on the answer.",
        "`python -m cx check`가 답에 대해 실행하는 검사.",
        "tests: [{unique: [tier]}]",
    ),
}

CHART_KEYS: Mapping[str, Entry] = {
    "kind": Entry("What is drawn.", "차트 종류.", "kind: bar"),
    "x": Entry(
        "The column along the x axis; for bars and a crosstab, the rows.",
        "가로축 열. 막대와 배너 표(crosstab)에서는 행이 됩니다.",
        "x: period",
    ),
    "y": Entry(
        "The number drawn. `figure`, the default, draws the value of the figure with its interval.",
        "그릴 숫자 열. 기본값 `figure`는 값과 구간을 그립니다.",
        "y: late_share",
    ),
    "color": Entry(
        "The column that splits the marks: a line each, a part of each stacked bar, the rows of a heat map, the columns of a crosstab.",
        "표시를 나누는 열. 선 하나씩, 누적 막대의 부분, 히트맵의 행, 배너 표의 열이 됩니다.",
        "color: brand",
    ),
    "sort": Entry(
        "`value` (largest first, the default) or `own` (the order of the rows).",
        "`value`(큰 값부터, 기본값) 또는 `own`(행의 순서 그대로).",
        "sort: own",
    ),
    "limit": Entry(
        "How many bars or rows at most (12); the rest is counted in a note and stays in the data.",
        "막대나 행의 최대 개수(12). 나머지는 아래에 개수로 적고 데이터에는 남습니다.",
        "limit: 20",
    ),
    "size": Entry("Scatter: the column of the dot's size.", "산점도에서 점 크기를 정하는 열.", "size: answers"),
    "label": Entry(
        "Scatter and funnel: the column that names a dot.", "산점도와 깔때기에서 점의 이름이 되는 열.", "label: unit_id"
    ),
    "columns": Entry(
        "Bars: further number columns written at the right; on a narrow card only the first. Tables: the columns that the "
        "card shows, in this order; all of them stand under “Data”.",
        "막대: 오른쪽에 더 적을 숫자 열들. 좁은 카드에서는 첫 열만 보입니다. 표: 카드에 보일 열과 순서. 모든 열은 ‘데이터’에 있습니다.",
        "columns: [adjusted]",
    ),
    "unit": Entry(
        "The unit after a plain number. A figure brings its metric's.",
        "일반 숫자 뒤의 단위. 지표 값은 지표의 단위를 따릅니다.",
        'unit: "%"',
    ),
    "decimals": Entry("Decimals of a plain number (1).", "일반 숫자의 소수 자릿수(1).", "decimals: 0"),
    "format": Entry("How a plain number is meant.", "일반 숫자의 뜻.", "format: money"),
    "facets": Entry(
        "Lines: a column; each of its values gets a small chart of its own, all on one scale.",
        "선 차트에서, 이 열의 값마다 작은 차트를 하나씩 같은 눈금으로 그립니다.",
        "facets: touchpoint",
    ),
    "target": Entry(
        "Lines: the figure to reach, instead of the metric's own target.",
        "선 차트의 목표값. 지표의 목표를 대신합니다.",
        "target: 80",
    ),
    "reference": Entry(
        "Lines: reference lines, a list of {value, label}.",
        "선 차트의 기준선. {value, label}의 목록.",
        "reference: [{value: 70, label: Industry}]",
    ),
}

FORMATS: Mapping[str, Entry] = {
    "number": Entry("As it is, with `unit` and `decimals`.", "있는 그대로, `unit`과 `decimals`를 따릅니다."),
    "percent": Entry("A share: 0.25 is 25 %.", "비율. 0.25는 25%입니다."),
    "money": Entry(
        "An amount in the company's `currency`, shortened: ₩120M, ₩9,800.",
        "회사 `currency`의 금액을 줄여 적습니다: 1.2억 원, 9,800원.",
    ),
}

CHARTS: Mapping[str, Entry] = {
    "line": Entry(
        "A line with its interval as a band, target and calendar events; without `color` also the earlier window, grey. `x` is a date; `color` gives several lines.",
        "구간을 띠로, 목표와 달력 행사를 함께 그리는 선. `color`가 없으면 지난 기간도 회색으로 그립니다. `x`는 날짜, `color`를 쓰면 여러 선.",
        "chart: {kind: line, x: period, color: channel}",
    ),
    "bar": Entry(
        "Horizontal bars with interval, value and n; strong where `analysis: rest` finds a row really different. Draws no change: the earlier value is said on hovering.",
        "구간과 값, n을 함께 적는 가로 막대. `analysis: rest`로 나머지와 실제로 다른 행은 진하게 그립니다. 변화는 그리지 않고 지난 값은 마우스를 올리면 보입니다.",
        "chart: {kind: bar, x: channel}",
    ),
    "stacked": Entry(
        "Parts of 100 %; `y` is a count. With `color: score` scores are gathered into the metric's groups.",
        "100%를 나눈 부분. `y`는 건수입니다. `color: score`면 점수를 지표의 집단으로 모읍니다.",
        "chart: {kind: stacked, x: channel, color: score, y: answers}",
    ),
    "heatmap": Entry(
        "Cells with their values; `x` gives the columns, `color` the rows. The earlier value is said on hovering.",
        "값이 적힌 칸. `x`가 열, `color`가 행이 됩니다. 지난 값은 마우스를 올리면 보입니다.",
        "chart: {kind: heatmap, x: period, color: touchpoint}",
    ),
    "scatter": Entry(
        "Dots with names and the two medians as lines; hollow where `verdict` says noise or few.",
        "이름 있는 점과 두 중앙값 선. `verdict`가 noise나 few면 속이 빈 점.",
        "chart: {kind: scatter, x: wait, y: settled, label: department, size: contacts}",
    ),
    "priority": Entry(
        "The importance × performance matrix: fix first, keep up, watch, enough. `x` performance, `y` importance.",
        "중요도와 성과의 행렬: 먼저 고칠 것, 지킬 것, 살필 것, 충분한 것. `x`는 성과, `y`는 중요도.",
        "chart: {kind: priority, x: performance, y: importance, label: touchpoint}",
    ),
    "change": Entry(
        "A dot per row for the change: filled where it is real, hollow where it may be noise. Needs `figure_before`.",
        "행마다 변화를 나타내는 점. 실제 변화는 채우고 오차일 수 있으면 비웁니다. `figure_before`가 필요합니다.",
        "chart: {kind: change, x: tier}",
    ),
    "journey": Entry(
        "The steps from left to right in the order of the rows, the earlier window behind.",
        "행 순서대로 왼쪽에서 오른쪽으로 이어지는 단계. 뒤에 지난 기간을 그립니다.",
        "chart: {kind: journey, x: touchpoint}",
    ),
    "waterfall": Entry(
        "How the total moved, row by row: by what a row did, then by its share. Needs `analysis: contributions`.",
        "전체가 어떻게 움직였는지 행별로: 스스로 변한 몫과 비중이 바뀐 몫. `analysis: contributions`가 필요합니다.",
        "chart: {kind: waterfall, x: channel}",
    ),
    "funnel": Entry(
        "A dot per unit by its number of answers, within the limits of chance. Needs `analysis: ranking`.",
        "응답 수에 따른 지점별 점과 우연의 범위. `analysis: ranking`이 필요합니다.",
        "chart: {kind: funnel, x: unit_id, label: unit_id}",
    ),
    "crosstab": Entry(
        "The banner table: `x` gives the rows, `color` the columns, a letter each. Read along a row: a cell names the letters of the columns that it truly exceeds. Draws no change.",
        "배너 표: `x`가 행, `color`가 열이며 열마다 글자 하나. 행을 따라 읽습니다. 칸에는 실제로 앞서는 열의 글자가 적힙니다. 변화는 그리지 않습니다.",
        "chart: {kind: crosstab, x: touchpoint, color: tier}",
    ),
    "table": Entry(
        "The rows, with the earlier value, the change and its verdict as columns; lists with commas between their values.",
        "행을 그대로 보이는 표. 지난 값과 변화, 판정도 열로 보이고 목록은 쉼표로 이어 적습니다.",
        "chart: {kind: table}",
    ),
    "kpi": Entry(
        "The key figures of the Overview; elsewhere a table. Needs the column `metric`.",
        "한눈에 페이지의 핵심 지표. 다른 곳에서는 표. `metric` 열이 필요합니다.",
        "chart: {kind: kpi}",
    ),
}

FINDINGS: Mapping[str, Entry] = {
    "change": Entry("What really moved.", "실제로 움직인 것."),
    "trend": Entry(
        "The period that lies clearly on the bad side of the others, or that there is none.",
        "나머지보다 뚜렷하게 나쁜 기간, 또는 그런 기간이 없다는 것.",
    ),
    "different": Entry("Who differs from the rest.", "나머지와 다른 집단."),
    "weakest": Entry(
        "The weakest step, or the two that lie together below all others.",
        "가장 약한 단계, 또는 나머지보다 함께 낮은 두 단계.",
    ),
    "leader": Entry("Who leads between brands.", "앞서는 브랜드."),
    "outliers": Entry("Units beyond the limits of a funnel.", "깔때기 범위를 벗어난 지점."),
    "explained": Entry("What moved the total.", "전체를 움직인 것."),
    "drivers": Entry("What matters most.", "가장 중요한 것."),
    "emerging": Entry("What is said far more often than usual.", "평소보다 훨씬 자주 나오는 말."),
}

ANALYSES: Mapping[str, Entry] = {
    "rest": Entry(
        "Whether each row differs from all others together, corrected: adds `apart` and `apart_p`. Needs a figure.",
        "행마다 나머지 전체와 다른지 보정해 판정하고 `apart`, `apart_p`를 더합니다. 값(figure)이 필요합니다.",
    ),
    "contributions": Entry(
        "What each row did to the change of the total, exactly: adds `rate`, `mix`, `share`, `share_before`. Needs "
        "`figure` and `figure_before` of one metric.",
        "행마다 전체 변화에 한 몫을 정확히 나누어 `rate`, `mix`, `share`, `share_before`를 더합니다. 한 지표의 `figure`와 "
        "`figure_before`가 필요합니다.",
    ),
    "explanations": Entry(
        "Which dimension explains the change of each metric: `explains` is `rate`, `mix`, `both` or empty. Needs "
        "`dimension`, `segment`, `figure`, `figure_before`.",
        "지표마다 변화를 설명하는 차원. `explains`는 `rate`, `mix`, `both` 또는 빈 값. `dimension`, `segment`, `figure`, "
        "`figure_before`가 필요합니다.",
    ),
    "unusual": Entry(
        "Points that the earlier ones of their line would not lead one to expect: adds `unusual`, `unusual_low`, "
        "`unusual_high`. Needs `period` and a figure.",
        "앞선 점들로는 예상하기 어려운 점: `unusual`, `unusual_low`, `unusual_high`를 더합니다. `period`와 값이 필요합니다.",
    ),
    "ranking": Entry(
        "Units that invite ranking: adds the limits of a funnel, `shrunken`, `rank`, `rank_low`, `rank_high`, `verdict`.",
        "순위를 매기기 쉬운 지점들: 깔때기 범위와 `shrunken`, `rank`, `rank_low`, `rank_high`, `verdict`를 더합니다.",
    ),
    "bayesian_average": Entry(
        "Adds `adjusted`: the mean, pulled to that of all rows where answers are few.",
        "응답이 적으면 전체 평균 쪽으로 당긴 평균 `adjusted`를 더합니다.",
    ),
    "drivers": Entry(
        "Which items move an outcome: one row per item with `importance` and its interval. Needs an item, `other`, "
        "`folds` and `figure`.",
        "결과를 움직이는 항목: 항목마다 `importance`와 구간. 항목과 `other`, `folds`, `figure`가 필요합니다.",
    ),
    "emerging": Entry(
        "Words that rose against the usual: orders the rows by log-likelihood and judges them by an exact test among all that were `tested`; adds `times` "
        "(empty where nothing was said before). With `carriers` (numbers of the texts behind each row) what rose in the same texts of a `brand` is one row, "
        "`related` tells its other words, and only what is real stays, complaints about one brand first; without, noise fills up to ten rows. Needs `word`, "
        "`figure` and `figure_before`, shares of the same texts.",
        "평소보다 늘어난 말: 로그우도비로 줄을 세우고 살펴본 전체(`tested`) 가운데에서 정확 검정으로 판정하며 `times`(몇 배, 전에 없던 말은 빈칸)를 더합니다. "
        "`carriers`(행마다 뒤에 있는 글의 번호)가 있으면 한 `brand`의 같은 글에서 늘어난 말을 한 행으로 묶고 나머지 말을 `related`에 적으며, 뚜렷한 것만 한 브랜드의 불만부터 "
        "보입니다. 없으면 오차 안의 말을 열 줄까지 채웁니다. `word`와 같은 글의 비율인 `figure`, `figure_before`가 필요합니다.",
    ),
    "effect": Entry(
        "Difference in differences: adds `effect`, its interval and `verdict`. Needs `figure`, `figure_baseline`, "
        "`figure_rest`, `figure_rest_baseline`.",
        "이중차분: `effect`와 구간, `verdict`를 더합니다. `figure`, `figure_baseline`, `figure_rest`, "
        "`figure_rest_baseline`이 필요합니다.",
    ),
    "impact": Entry(
        "What each theme costs, as a backlog: adds `impact` (score without it less score) with its interval, `reach`, `trend`, `priority` and "
        "`verdict`. Needs `figure`, `figure_rest`, `figure_earlier`, `figure_rest_earlier`.",
        "주제마다 깎은 점수를 우선순위로: `impact`(그 주제를 뺀 점수 − 점수)와 구간, `reach`, `trend`, `priority`, `verdict`를 더합니다. `figure`, "
        "`figure_rest`, `figure_earlier`, `figure_rest_earlier`가 필요합니다.",
    ),
}

PARAM_KEYS: Mapping[str, Entry] = {
    "type": Entry(
        "`text` (default), `number`, `integer`, `date`, `boolean`, or `words`: what to look for in comments, bound as a list, for each "
        "word the stems it may stand for. It decides the widget.",
        "`text`(기본값), `number`, `integer`, `date`, `boolean`, 또는 `words`: 글에서 찾을 말로, 단어마다 가능한 어간들의 목록으로 묶입니다. 위젯도 정합니다.",
        "type: integer",
    ),
    "default": Entry(
        "The value until another is chosen. Required.", "다른 값을 고르기 전의 값. 필수입니다.", "default: 8"
    ),
    "choices": Entry(
        "The only values allowed, in order: a list to choose from.",
        "허용하는 값의 순서 있는 목록.",
        "choices: [day, week]",
    ),
    "choices_from": Entry(
        "{question, column}: choices that another question returns; its parameters of the same names follow those above.",
        "{question, column}: 다른 질문이 돌려주는 보기. 이름이 같은 매개변수는 위에서 고른 값을 따릅니다.",
        "choices_from: {question: custom/stages, column: stage}",
    ),
    "multi": Entry(
        "`true` for several values at once, bound as a list: `list_contains($name, column)`.",
        "`true`면 여러 값을 한꺼번에 고르고 목록으로 묶입니다: `list_contains($name, column)`.",
        "multi: true",
    ),
    "min": Entry("The lowest number or date allowed.", "허용하는 가장 작은 숫자나 날짜.", "min: 2"),
    "max": Entry("The highest number or date allowed.", "허용하는 가장 큰 숫자나 날짜.", "max: 26"),
    "label": Entry(
        "The widget's label: a text, or {en, ko}.", "위젯의 이름. 텍스트 또는 {en, ko}.", "label: {en: Weeks, ko: 주}"
    ),
}

TEST_KEYS: Mapping[str, Entry] = {
    "unique": Entry(
        "Columns whose values together occur once.", "함께 보았을 때 겹치지 않는 열들.", "unique: [period, segment]"
    ),
    "not_null": Entry("Columns that are never empty.", "비어 있지 않은 열들.", "not_null: [touchpoint]"),
    "range": Entry(
        "{column, min, max}: bounds of a number.",
        "{column, min, max}: 숫자의 범위.",
        "range: {column: share, min: 0, max: 100}",
    ),
    "accepted": Entry(
        "{column, values}: the only values allowed.",
        "{column, values}: 허용하는 값들.",
        "accepted: {column: side, values: [before, after]}",
    ),
    "rows": Entry("{min, max}: how many rows.", "{min, max}: 행의 개수.", "rows: {min: 1, max: 12}"),
    "given": Entry(
        "Rows per table that the question is run on instead of the published ones; needs `expect`. `x` alone stands for "
        "one answer of weight one.",
        "발행된 데이터 대신 쓸 표별 행. `expect`가 필요합니다. `x`만 적으면 가중치 1인 응답 하나입니다.",
        "given: {scores: [{metric: nps, channel: app, x: 1}]}",
    ),
    "expect": Entry(
        "The rows that the given ones come to, in any order; columns left out are not compared.",
        "주어진 행에서 나와야 할 행들. 순서는 상관없고 적지 않은 열은 비교하지 않습니다.",
        "expect: [{channel: app, value: 100, n: 1}]",
    ),
}

PAGE_KEYS: Mapping[str, Entry] = {
    "title": Entry(
        "The page's name: a text, or {en, ko}; the folder's name where left out.",
        "페이지 이름. 없으면 폴더 이름.",
        "title: {en: Returns, ko: 반품}",
    ),
    "intro": Entry(
        "A sentence or two under the heading.", "제목 아래의 한두 문장.", "intro: How returns are lived through."
    ),
    "order": Entry(
        "Its place among the pages of your own, from 1.", "직접 만든 페이지 사이의 순서, 1부터.", "order: 1"
    ),
    "layout": Entry(
        "Rows of cards, by the questions' names without the folder.",
        "카드의 행들. 폴더를 뺀 질문 이름으로 적습니다.",
        "layout: [[by_channel, by_tier], [trend]]",
    ),
    "tabs": Entry(
        "Tabs instead of one layout: a mapping of tab title to rows of cards.",
        "배치 하나 대신 탭. 탭 이름마다 카드의 행들.",
        "tabs: {Overview: [[by_channel]], Details: [[trend]]}",
    ),
}

METRIC_KEYS: Mapping[str, Entry] = {
    "label": Entry(
        "The metric's name: a text, or {en, ko}. Required.",
        "지표 이름. 텍스트 또는 {en, ko}. 필수입니다.",
        'label: {en: Ease, ko: "쉬움"}',
    ),
    "description": Entry(
        "The definition shown behind the question mark.", "물음표에서 보이는 정의.", "description: How easy it was."
    ),
    "variant": Entry(
        "Which variant of the metric this is, in words. Required.",
        "지표의 어떤 방식인지 말로 적습니다. 필수입니다.",
        "variant: top two of 1–7",
    ),
    "table": Entry(
        "What it is a mean over: `responses` (default), `reviews`, `invitations` or `comments`.",
        "무엇의 평균인지: `responses`(기본값), `reviews`, `invitations`, `comments`.",
        "table: reviews",
    ),
    "answers": Entry(
        "The value of the column `metric` in the export; the file's name where left out.",
        "내보내기의 `metric` 열 값. 없으면 파일 이름.",
        "answers: ces",
    ),
    "scale": Entry(
        "Lowest and highest possible answer. Answers outside are set aside.",
        "가능한 가장 낮은 답과 높은 답. 벗어난 답은 따로 둡니다.",
        "scale: [0, 10]",
    ),
    "factor": Entry(
        "The mean of x is multiplied by this: 100 for NPS and shares.",
        "x의 평균에 곱하는 수. NPS와 비율은 100.",
        "factor: 100",
    ),
    "range": Entry("Lowest and highest possible figure.", "가능한 값의 범위.", "range: [-100, 100]"),
    "unit": Entry("The unit of the figure: a text, or {en, ko}.", "값의 단위. 텍스트 또는 {en, ko}.", 'unit: "%"'),
    "change_unit": Entry(
        "The unit of a change; the unit where left out.",
        "변화의 단위. 없으면 값의 단위.",
        'change_unit: {en: pp, ko: "%p"}',
    ),
    "decimals": Entry("Decimals shown.", "보이는 소수 자릿수.", "decimals: 1"),
    "direction": Entry(
        "`higher` or `lower`: which is better; or `neither`.",
        "`higher` 또는 `lower`: 어느 쪽이 좋은지. 어느 쪽도 아니면 `neither`.",
        "direction: lower",
    ),
    "interval": Entry(
        "How its interval is computed: `nps`, `share` or `mean`.",
        "구간을 계산하는 방법: `nps`, `share`, `mean`.",
        "interval: share",
    ),
    "groups": Entry(
        "Answers in order from bad to good: a list of {name, to, ko, en}; `to` is the highest score.",
        "나쁜 답부터 좋은 답까지: {name, to, ko, en}의 목록. `to`는 그 집단의 가장 높은 점수.",
        "groups: [{name: detractor, to: 6}, {name: passive, to: 8}, {name: promoter, to: 10}]",
    ),
    "position": Entry("Its place among the metrics, from 1.", "지표 사이의 순서, 1부터.", "position: 5"),
}

THEME_KEYS: Mapping[str, Entry] = {
    "label": Entry(
        "The theme's name: a text, or {en, ko}. Required.",
        "주제 이름. 텍스트 또는 {en, ko}. 필수입니다.",
        'label: {en: Delivery, ko: "배송"}',
    ),
    "words": Entry(
        "Words that tell of it, in any form: each finds all its forms.",
        "이 주제를 나타내는 단어. 어떤 꼴로 적어도 모든 활용형과 조사를 찾습니다.",
        "words: [배송, 택배, delivery, courier]",
    ),
    "phrases": Entry(
        "Words that only together tell of it, in this order and close to each other.",
        "함께 있어야 이 주제를 나타내는 말. 이 순서로 가까이 있으면 찾습니다.",
        "phrases: [늦게 오다, arrive late]",
    ),
    "exclusions": Entry(
        "Words and phrases: a clause that holds one does not carry the theme.",
        "이 단어나 말이 있는 절은 이 주제로 보지 않습니다.",
        "exclusions: [배송비, delivery fee]",
    ),
    "tests": Entry(
        "Sentences that `python -m cx check` reads: a list of {text, carries}.",
        "`python -m cx check`가 읽어 보는 문장: {text, carries}의 목록.",
        'tests: [{text: "배송이 늦어요", carries: true}]',
    ),
}

SOURCE_KEYS: Mapping[str, Entry] = {
    "table": Entry("The contract table it fills. Required.", "채울 계약 표. 필수입니다.", "table: responses"),
    "files": Entry(
        "A glob under the data folder. Required.",
        "데이터 폴더 아래의 파일 패턴. 필수입니다.",
        "files: call_center/*.csv",
    ),
    "reader": Entry(
        "`parquet`, `csv`, `xlsx`, `json`, `qualtrics` or `surveymonkey`; by the file's ending where left out.",
        "`parquet`, `csv`, `xlsx`, `json`, `qualtrics`, `surveymonkey`. 없으면 확장자를 따릅니다.",
        "reader: csv",
    ),
    "zone": Entry("The time zone of timestamps without one.", "시간대가 없는 시각의 시간대.", "zone: Asia/Seoul"),
    "upsert": Entry(
        "`true`: a row whose key comes again, edited, takes the earlier one's place in whatever month that stands.",
        "`true`: 같은 키의 행이 고쳐져 다시 오면 앞선 행이 어느 달에 있든 그 자리를 대신합니다.",
        "upsert: true",
    ),
    "columns": Entry(
        "Columns the body names that some files lack; there they are empty.",
        "어떤 파일에는 없는 열들. 거기서는 빈 값입니다.",
        "columns: [note]",
    ),
    "encoding": Entry(
        "CSV and JSON: `utf-8`, `utf-16`, `cp949`, `cp1252` …; detected where left out.",
        "CSV와 JSON의 인코딩: `utf-8`, `utf-16`, `cp949`, `cp1252` … 없으면 알아냅니다.",
        "encoding: cp949",
    ),
    "delimiter": Entry(
        "CSV: the sign between cells; detected where left out.",
        "CSV에서 칸을 나누는 문자. 없으면 알아냅니다.",
        'delimiter: ";"',
    ),
    "quote": Entry(
        "CSV: the sign around cells; a double quote where left out and not otherwise detected.",
        "CSV에서 칸을 감싸는 문자. 없으면 알아내며 보통 큰따옴표입니다.",
        """quote: "'\"""",
    ),
    "escape": Entry(
        "CSV: the sign before a quote inside a cell; a doubled quote where left out.",
        "CSV 칸 안의 따옴표 앞에 붙는 문자. 없으면 따옴표를 두 번 쓴 것으로 읽습니다.",
        """escape: '\\'""",
    ),
    "header_row": Entry(
        "CSV and XLSX: the row that names the columns, from 1; detected where left out.",
        "CSV와 XLSX에서 열 이름이 있는 행, 1부터. 없으면 알아냅니다.",
        "header_row: 3",
    ),
    "sheet": Entry(
        "XLSX: the sheet, or a pattern for several that are read as one; the fullest one where left out.",
        "XLSX의 시트 이름. 패턴이면 여러 시트를 하나로 읽습니다. 없으면 내용이 가장 많은 시트입니다.",
        'sheet: "2026-*"',
    ),
    "records": Entry(
        "JSON: the list that holds the records, where a document has other things too; detected where it is the only one.",
        "JSON 문서에서 레코드가 담긴 목록의 이름. 목록이 하나뿐이면 알아냅니다.",
        "records: tickets",
    ),
    "description": Entry(
        "What the files are and where they come from.",
        "파일이 무엇이고 어디서 오는지.",
        "description: Exit survey of the call centre.",
    ),
}

TABLES: Mapping[str, Entry] = {
    "scores": Entry(
        "One combination of the columns that the file mentions, of our own answers and reviews: `day`, `metric`, `score`, "
        "every dimension, and the five sums `n`, `w`, `w2`, `wx`, `wx2`.",
        "파일에 적힌 열들의 조합 하나. 우리 응답과 리뷰입니다: `day`, `metric`, `score`, 모든 차원, 다섯 합계 `n`, `w`, `w2`, `wx`, `wx2`.",
    ),
    "ratings": Entry(
        "The same for the reviews of every brand, with `brand`, `source`, `country`, `product`, `version`, `language`.",
        "모든 브랜드의 리뷰에 대한 같은 표. `brand`, `source`, `country`, `product`, `version`, `language`가 있습니다.",
    ),
    "segments": Entry(
        "One value of one dimension (`dimension`, `value`): for questions over all dimensions at once.",
        "한 차원의 값 하나(`dimension`, `value`). 모든 차원을 한꺼번에 볼 때 씁니다.",
    ),
    "crossings": Entry(
        "One pair of values of two dimensions (`dimension`, `value`, `dimension_2`, `value_2`).",
        "두 차원의 값 한 쌍(`dimension`, `value`, `dimension_2`, `value_2`).",
    ),
    "metrics": Entry(
        "One metric: `metric`, `position`, `direction`, `target` …",
        "지표 하나: `metric`, `position`, `direction`, `target` …",
    ),
    "aliases": Entry(
        "One name by which people call a brand: `brand`, `alias`; from the reviews, the labels and `aliases` of cx.toml.",
        "브랜드를 부르는 이름 하나: `brand`, `alias`. 리뷰와 이름표, cx.toml의 `aliases`에서 옵니다.",
    ),
    "panel": Entry(
        "One answer of a customer who is in the panel: `customer_id`, `day`, `metric` (the metric's own name), `score`, weight `w`, value `x`, every "
        "dimension. Everybody is in it up to two million answers; beyond, some customers, each with all answers.",
        "패널에 든 고객의 응답 하나: `customer_id`, `day`, `metric`(지표 이름), `score`, 가중치 `w`, 값 `x`, 모든 차원. 응답 200만 건까지는 모든 고객이, "
        "그보다 많으면 일부 고객이 응답 전부와 함께 들어 있습니다.",
    ),
    "comments": Entry(
        "What a customer wrote in one answer or review: `comment_id`, `origin` (responses or reviews), `day`, `metric`, `brand`, `own` (about the own "
        "brand), `score`, weight `w`, value `x`, `kind` (complaint, praise, wish, question), `sentiment` from -1 to 1, `words` (its stems), `text`, every "
        "dimension.",
        "응답이나 리뷰 하나에 고객이 쓴 글: `comment_id`, `origin`(responses 또는 reviews), `day`, `metric`, `brand`, `own`(우리 브랜드에 대한 글인지), `score`, "
        "가중치 `w`, 값 `x`, `kind`(complaint 불만, praise 칭찬, wish 바람, question 문의), -1에서 1까지의 `sentiment`, `words`(어간), `text`, 모든 차원.",
    ),
    "mentions": Entry(
        "One theme of one such text: the same columns without `words` and `text`, with `theme`, a [theme's name](#shipped-themes); its `sentiment` is that of the theme's own clauses. "
        "The shipped questions count -0.25 and below as a complaint about the theme, 0.25 and above as praise, what lies between as neither.",
        "그런 글 하나에 담긴 주제 하나: `words`와 `text`를 뺀 같은 열과 [주제 이름](#함께-오는-주제) `theme`. `sentiment`는 그 주제를 말한 절만의 값입니다. "
        "함께 오는 질문들은 -0.25 이하를 그 주제에 대한 불만으로, 0.25 이상을 칭찬으로 세고 그 사이는 어느 쪽도 아닙니다.",
    ),
    "single_answers": Entry(
        "One answer, review (of any brand) or invitation as one metric takes it: `answer_id`, `answered_at`, `day`, `metric` (the metric's own name), "
        "`score`, weight `w`, value `x`, `customer_id`, `comment` (a review's title and text), every dimension and `brand`.",
        "지표 하나가 받아들인 응답, 리뷰(모든 브랜드), 초대 하나: `answer_id`, `answered_at`, `day`, `metric`(지표 이름), `score`, 가중치 `w`, 값 `x`, "
        "`customer_id`, `comment`(리뷰는 제목과 본문), 모든 차원과 `brand`.",
    ),
    "responses": Entry("One answer of the export.", "내보낸 응답 하나."),
    "reviews": Entry("One review of the export.", "내보낸 리뷰 하나."),
    "events": Entry("One event: a contact, an order, a purchase.", "사건 하나: 문의, 주문, 구매."),
    "invitations": Entry("One survey that was sent.", "보낸 설문 하나."),
    "customers": Entry("One customer.", "고객 한 명."),
    "touchpoints": Entry("One step of the journey.", "여정의 단계 하나."),
    "units": Entry("One branch, region or team.", "지점, 지역, 팀 하나."),
    "targets": Entry("One figure to reach.", "목표 하나."),
    "benchmarks": Entry("One figure of others.", "다른 곳의 기준값 하나."),
    "actions": Entry("One action that was taken.", "실행한 조치 하나."),
    "calendar": Entry("One day with a name.", "이름 있는 날 하나."),
}

MACROS: Mapping[str, Entry] = {
    "tally": Entry(
        "A figure of its five sums: value, interval and n are worked out on the way out. Always written this way.",
        "다섯 합계로 이루어진 값 하나. 값과 구간, n은 내보낼 때 계산합니다. 언제나 이렇게 적습니다.",
        "tally(n, w, w2, wx, wx2) as figure",
    ),
}

HEADERS: Mapping[str, Mapping[str, Entry]] = {
    "question": QUESTION_KEYS,
    "chart": CHART_KEYS,
    "kind": CHARTS,
    "format": FORMATS,
    "params": PARAM_KEYS,
    "tests": TEST_KEYS,
    "analysis": ANALYSES,
    "finding": FINDINGS,
    "page.yaml": PAGE_KEYS,
    "metric": METRIC_KEYS,
    "source": SOURCE_KEYS,
    "theme": THEME_KEYS,
}
"""Every part of every kind of header."""

HEADINGS: Mapping[str, tuple[str, str]] = {
    "question": ("Question keys", "질문의 키"),
    "chart": ("Chart keys", "차트의 키"),
    "kind": ("Kinds of chart", "차트 종류"),
    "format": ("Formats", "숫자 형식"),
    "params": ("Param keys", "매개변수의 키"),
    "tests": ("Test keys", "검사의 키"),
    "analysis": ("Analyses", "분석"),
    "finding": ("Findings", "발견"),
    "page.yaml": ("Page keys", "페이지의 키"),
    "metric": ("Metric keys", "지표의 키"),
    "source": ("Source keys", "소스의 키"),
    "theme": ("Theme keys", "주제의 키"),
    "tables": ("Tables", "표"),
    "macros": ("Macros", "매크로"),
}
TOPICS = (
    "Shipped themes",
    "함께 오는 주제",
    "The values of the column `theme`, with what people see. [What a theme is](queries.md#themes) and how to write one; a file of one's own of the same name takes its place.",
    "`theme` 열의 값과 화면에 보이는 이름입니다. [주제가 무엇이며](queries.md#themes) 어떻게 적는지 보세요. 같은 이름의 파일을 직접 두면 그것이 대신합니다.",
)
"""Heading and sentence of the list of themes, in both languages."""

OPENING = (
    "# Reference\n\nEvery key, kind of chart, analysis, table, macro and function that an analyst's file may hold. [한국어](reference.ko.md) · "
    "[Tutorial](tutorial.en.md) · [Cookbook](cookbook.en.md) · [How it all works](queries.md)\n\n"
    "Printed by `python -m cx schema reference`, from what the product itself goes by; a misspelt name is an error that names the nearest one here.",
    "# 참고 문서\n\n분석가의 파일에 적을 수 있는 모든 키와 차트 종류, 분석, 표, 매크로, 함수입니다. [English](reference.en.md) · "
    "[따라 하기](tutorial.ko.md) · [질문 모음](cookbook.ko.md)\n\n"
    "`python -m cx schema reference --lang ko`가 제품이 실제로 따르는 목록에서 찍어 낸 문서입니다. 잘못 적은 이름은 여기서 가장 가까운 이름을 알려 주는 오류가 됩니다.",
)
TWINS = (
    "`scores`, `ratings`, `segments`, `crossings`, `panel`, `comments`, `mentions`, `single_answers`, `responses`, `reviews`, `events` and `invitations` have twins: `…_before` holds the comparison "
    "window and `…_year` the same dates a year earlier. Every table with a time holds the chosen period only.",
    "`scores`, `ratings`, `segments`, `crossings`, `panel`, `comments`, `mentions`, `single_answers`, `responses`, `reviews`, `events`, `invitations`에는 짝이 있습니다. `…_before`는 비교 기간, "
    "`…_year`는 한 해 전 같은 날짜입니다. 시간이 있는 표에는 선택한 기간만 들어 있습니다.",
)


def document(language: str, functions: Iterable[str], topics: Mapping[str, Mapping[str, str]]) -> str:
    """The whole reference as Markdown; `topics` are the shipped themes with their labels."""
    place = 1 if language == "ko" else 0
    parts = [OPENING[place]]
    for name, entries in {**HEADERS, "tables": TABLES, "macros": MACROS}.items():
        written = any(entry.example for entry in entries.values())
        head, rule = (("| 이름 | 뜻 |" if place else "| name | meaning |"), "|---|---|")
        if written:
            head, rule = head + (" 예 |" if place else " example |"), rule + "---|"
        rows = [
            f"| `{key}` | {entry.told(language)} |" + (f" `{entry.example}` |" if written else "")
            for key, entry in entries.items()
        ]
        parts.append("\n".join([f"## {HEADINGS[name][place]}", "", head, rule, *rows]))
        if name == "tables":
            parts.append(TWINS[place])
    named = [f"| `{name}` | {label[language]} |" for name, label in topics.items()]
    rows = [("| name | label |", "| 이름 | 보이는 이름 |")[place], "|---|---|", *named]
    parts.append("\n".join([f"## {TOPICS[place]}", "", TOPICS[2 + place], "", *rows]))
    parts.append(f"## {('Functions', '함수')[place]}\n\n" + ", ".join(f"`{name}`" for name in sorted(functions)))
    return "\n\n".join(parts) + "\n"
