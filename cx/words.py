"""Every word that the product itself says, in Korean and English, and its numbers and days.

One catalogue (`WORDS`), one table of column names (`COLUMN_LABELS`), and the formats. Nothing here
knows what a figure means; sentences about findings are built elsewhere from these pieces. A value
that is missing is written as "–".
"""

import math
import re
import unicodedata
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from string import Formatter
from typing import Literal, SupportsFloat

from cx.errors import CxError, nearest
from cx.periods import GRAINS, Period, period_start

Language = Literal["ko", "en"]

LANGUAGES: tuple[Language, ...] = ("ko", "en")

MINUS = "\u2212"
NO_VALUE = "\u2013"
NO_BREAK_SPACE = "\u00a0"

WORDS: dict[str, dict[Language, str]] = {
    # The languages, each in its own words.
    "language.ko": {"ko": "한국어", "en": "한국어"},
    "language.en": {"ko": "English", "en": "English"},
    # Pages.
    "page.overview": {"ko": "한눈에", "en": "Overview"},
    "page.trends": {"ko": "추이", "en": "Trends"},
    "page.segments": {"ko": "세그먼트", "en": "Segments"},
    "page.competitors": {"ko": "경쟁사", "en": "Competitors"},
    "page.journey": {"ko": "여정", "en": "Journey"},
    "page.explore": {"ko": "탐색", "en": "Explore"},
    "page.voice": {"ko": "고객의 말", "en": "Voice"},
    "page.data": {"ko": "데이터", "en": "Data"},
    "page.own": {"ko": "우리 페이지", "en": "Our pages"},
    # Periods to choose from.
    "preset.last_7_days": {"ko": "최근 7일", "en": "Last 7 days"},
    "preset.last_30_days": {"ko": "최근 30일", "en": "Last 30 days"},
    "preset.last_90_days": {"ko": "최근 90일", "en": "Last 90 days"},
    "preset.last_week": {"ko": "지난주", "en": "Last week"},
    "preset.last_month": {"ko": "지난달", "en": "Last month"},
    "preset.last_quarter": {"ko": "지난 분기", "en": "Last quarter"},
    "preset.last_half_year": {"ko": "지난 반기", "en": "Last half-year"},
    "preset.month_to_date": {"ko": "이번 달", "en": "Month to date"},
    "preset.quarter_to_date": {"ko": "이번 분기", "en": "Quarter to date"},
    "preset.year_to_date": {"ko": "올해", "en": "Year to date"},
    "preset.last_12_months": {"ko": "최근 12개월", "en": "Last 12 months"},
    "preset.all_time": {"ko": "전체 기간", "en": "All time"},
    "preset.custom": {"ko": "직접 선택", "en": "Custom"},
    # What a period is compared with: in the filter bar (short), and what it means.
    "comparison.previous": {"ko": "직전 기간", "en": "Previous period"},
    "comparison.year": {"ko": "전년 동기", "en": "Year ago"},
    "comparison.year_weekdays": {"ko": "전년 동요일", "en": "52 weeks ago"},
    "comparison.none": {"ko": "비교 안 함", "en": "No comparison"},
    "comparison.previous.help": {
        "ko": "바로 앞의 같은 길이의 기간과 비교합니다. 끝나지 않은 달·분기·해는 같은 일수만큼 비교합니다.",
        "en": "The period of the same length just before. A month, quarter or year not yet over is "
        "compared with the same number of days of the one before.",
    },
    "comparison.year.help": {
        "ko": "1년 전 같은 날짜와 비교합니다.",
        "en": "The same dates one year earlier.",
    },
    "comparison.year_weekdays.help": {
        "ko": "364일 전과 비교하여 요일을 맞춥니다.",
        "en": "364 days earlier, so that weekdays meet the same weekdays.",
    },
    "comparison.none.help": {"ko": "다른 기간과 비교하지 않습니다.", "en": "Nothing is compared."},
    # How finely time is cut.
    "grain.day": {"ko": "일별", "en": "Day"},
    "grain.week": {"ko": "주별", "en": "Week"},
    "grain.month": {"ko": "월별", "en": "Month"},
    "grain.quarter": {"ko": "분기별", "en": "Quarter"},
    "grain.year": {"ko": "연도별", "en": "Year"},
    # The filter bar.
    "filter.period": {"ko": "기간", "en": "Period"},
    "filter.comparison": {"ko": "비교", "en": "Comparison"},
    "filter.section": {"ko": "보기", "en": "View"},
    "section.ratings": {"ko": "평점", "en": "Ratings"},
    "section.themes": {"ko": "주제", "en": "Themes"},
    "section.impact": {"ko": "영향", "en": "Impact"},
    "section.spread": {"ko": "시기·세그먼트", "en": "Who, when"},
    "section.texts": {"ko": "원문", "en": "Texts"},
    "section.reviews": {"ko": "리뷰", "en": "Reviews"},
    "filter.grain": {"ko": "시간 단위", "en": "Time unit"},
    "filter.breakdown": {"ko": "나누는 기준", "en": "Break down by"},
    "filter.filters": {"ko": "필터", "en": "Filters"},
    "filter.reset": {"ko": "초기화", "en": "Reset"},
    "filter.language": {"ko": "언어", "en": "Language"},
    "filter.from": {"ko": "시작일", "en": "From"},
    "filter.to": {"ko": "종료일", "en": "To"},
    "filter.all": {"ko": "전체", "en": "All"},
    "filter.none": {"ko": "없음", "en": "None"},
    "filter.brand": {"ko": "브랜드", "en": "Brand"},
    "filter.search": {"ko": "글에서 찾기", "en": "Search the comments"},
    "filter.search.help": {
        "ko": "배송이, 배송은, 배송을 모두 같은 단어로 찾습니다. 단어가 여럿이면 모두 있는 글만 보입니다.",
        "en": "A word is found in all its forms. Where there are several, a comment has to hold them all.",
    },
    "filter.search.plain": {
        "ko": "한국어 분석기(kiwipiepy)가 없어 적은 그대로 찾습니다. 조사만 떼고 비교합니다.",
        "en": "Without kiwipiepy Korean words are looked for as they are written; only particles are left out.",
    },
    "voice.unread": {
        "ko": "글 {total}건 가운데 {n}건은 한국어나 영어가 아닌 것 같습니다. "
        "이런 글의 주제는 읽지 못하고, 감정은 점수로만 압니다.",
        "en": "{n} of {total} texts seem to be in a language other than Korean and English. "
        "Their themes are not read, and only a score tells how they judge.",
    },
    "filter.more": {"ko": "외 {n}개", "en": "and {n} more"},
    "filter.everyone": {"ko": "전체 고객", "en": "all customers"},
    # Answers, and what else a caption says. `n` arrives already written by `count`.
    "n": {"ko": "n\u00a0{n}", "en": "n\u00a0{n}"},
    "answers": {"ko": "응답 수", "en": "Answers"},
    "answers.none": {"ko": "응답 없음", "en": "no answers"},
    "answers.one": {"ko": "응답 {n}건", "en": "{n} answer"},
    "answers.many": {"ko": "응답 {n}건", "en": "{n} answers"},
    "caption.as_of": {"ko": "데이터 기준일 {day}", "en": "Data as of {day}"},
    "caption.compared": {"ko": "비교 기간 {period}", "en": "Compared with {period}"},
    "caption.not_compared": {"ko": "비교할 기간 없음", "en": "Nothing to compare with"},
    "caption.nothing_before": {
        "ko": "비교 기간 {period}에는 데이터 없음",
        "en": "No data in {period} to compare with",
    },
    "caption.interval": {"ko": "95% 신뢰구간", "en": "95% interval"},
    "caption.margin": {"ko": "±{margin}", "en": "±{margin}"},
    "caption.previous_period": {"ko": "직전 기간", "en": "Previous period"},
    "caption.last_year": {"ko": "전년", "en": "Last year"},
    # Before a change: without them it would read as the value of that time.
    "against.previous": {"ko": "직전 기간 대비", "en": "vs previous period"},
    "against.year": {"ko": "전년 대비", "en": "vs last year"},
    "caption.no_value": {"ko": "값 없음", "en": "No value"},
    "caption.axis_cut": {
        "ko": "세로축은 {start}에서 시작합니다.",
        "en": "The vertical axis starts at {start}.",
    },
    "caption.holiday": {
        "ko": "두 기간 중 한쪽에만 {holiday} 연휴가 있어 비교에 주의가 필요합니다.",
        "en": "Only one of the two periods has the {holiday} holidays: compare with care.",
    },
    "holiday.seollal": {"ko": "설", "en": "Seollal"},
    "holiday.chuseok": {"ko": "추석", "en": "Chuseok"},
    # Units that follow a number.
    "unit.points": {"ko": "점", "en": "pts"},
    "unit.percent": {"ko": "%", "en": "%"},
    "unit.percentage_points": {"ko": "%p", "en": "pp"},
    # What a change is worth: beside an arrow (short), and in full.
    "verdict.clear": {"ko": "뚜렷함", "en": "clear"},
    "verdict.noise": {"ko": "오차 안", "en": "noise"},
    "verdict.few": {"ko": "응답 적음", "en": "few"},
    "verdict.reworded": {"ko": "문항이 바뀌어 비교하지 않음", "en": "Reworded: not compared"},
    "verdict.together": {
        "ko": "오차 안: 이 페이지의 지표를 모두 함께 판단",
        "en": "Noise: judged with all figures of the page",
    },
    "verdict.within": {"ko": "오차 안: ±{margin}부터 확인 가능", "en": "Noise: shows from ±{margin}"},
    "verdict.clear.help": {
        "ko": "우연으로 보기 어려운 변화입니다.",
        "en": "A change that chance alone would hardly bring.",
    },
    "verdict.noise.help": {
        "ko": "오차 범위 안의 변화입니다. 이 응답 수로는 ±{margin}보다 큰 변화만 알 수 있습니다.",
        "en": "Within noise: this many answers could show only changes beyond ±{margin}.",
    },
    "verdict.few.help": {
        "ko": "응답이 {minimum}건보다 적어 판단하지 않습니다.",
        "en": "Fewer than {minimum} answers: too few to judge.",
    },
    # Targets.
    "target": {"ko": "목표", "en": "Target"},
    "target.value": {"ko": "목표 {value}", "en": "Target {value}"},
    "target.met": {"ko": "목표 달성", "en": "Target met"},
    "target.missed": {"ko": "목표 미달", "en": "Target missed"},
    # States of a card or a page.
    "state.loading": {"ko": "불러오는 중입니다.", "en": "Loading."},
    "state.unread": {
        "ko": "글을 읽지 못해 주제를 알 수 없습니다",
        "en": "The texts are not read, so their themes are not known",
    },
    "state.empty": {"ko": "조건에 맞는 응답이 없습니다", "en": "No answers match"},
    "state.empty.detail": {
        "ko": "선택한 조건({asked})에는 데이터가 없습니다. 데이터가 있는 기간은 {available}입니다.",
        "en": "There is no data for what was asked ({asked}). There is data for {available}.",
    },
    "state.empty.search": {
        "ko": "이 기간에는 ‘{words}’에 있는 단어가 모두 든 글이 없습니다.",
        "en": "No text of this period holds all words of “{words}”.",
    },
    "state.empty.filtered": {
        "ko": "이 기간의 데이터에는 {asked} 조건에 해당하는 것이 없습니다.",
        "en": "Nothing in the data of this period has {asked}.",
    },
    "state.empty.card": {
        "ko": "이 기간의 데이터에는 이 카드가 다루는 내용이 없습니다.",
        "en": "The data of this period hold nothing that this card is about.",
    },
    "state.empty.show": {"ko": "데이터가 있는 기간 보기", "en": "Show the period that has data"},
    "state.empty.reset": {"ko": "필터 초기화", "en": "Reset the filters"},
    "state.few": {"ko": "응답 적음", "en": "Few answers"},
    "state.few.detail": {
        "ko": "응답이 {minimum}건보다 적은 값은 흐리게 표시합니다.",
        "en": "Values from fewer than {minimum} answers are greyed.",
    },
    "state.hidden": {
        "ko": "개인 정보 보호를 위해 응답이 {minimum}건보다 적은 값은 표시하지 않습니다.",
        "en": "Values from fewer than {minimum} answers are not shown, to protect privacy.",
    },
    "state.absent": {
        "ko": "이 페이지에 필요한 데이터({table})가 아직 없습니다.",
        "en": "The data that this page needs ({table}) is not there yet.",
    },
    "state.absent.steps": {
        "ko": "응답에 여정 단계(touchpoint)가 아직 없어 보여 줄 여정이 없습니다.",
        "en": "No answer tells a step of the journey (touchpoint) yet, so there is no journey to show.",
    },
    "state.absent.segments": {
        "ko": "응답에 지역이나 등급처럼 나누어 볼 항목이 아직 없습니다.",
        "en": "The answers tell nothing yet, such as a region or a tier, by which to break them down.",
    },
    "state.error": {"ko": "표시할 수 없습니다", "en": "This cannot be shown"},
    "state.error.place": {"ko": "위치", "en": "Where"},
    "state.error.problem": {"ko": "문제", "en": "Problem"},
    "state.error.remedy": {"ko": "해결 방법", "en": "Remedy"},
    "state.being_mended": {
        "ko": "이 카드는 손보는 중입니다. 다른 카드는 그대로 쓸 수 있습니다.",
        "en": "This card is being mended. All others work as usual.",
    },
    "state.last_good": {
        "ko": "파일을 고치는 동안 마지막으로 성공한 질문의 답을 보여 줍니다.",
        "en": "Until the file is mended, this is the answer of its last working version.",
    },
    "state.stale": {
        "ko": "새 데이터를 반영하지 못해 {day} 데이터를 표시합니다.",
        "en": "Newer data could not be published: this is the data of {day}.",
    },
    "state.truncated": {
        "ko": "앞의 {n}행만 표시합니다.",
        "en": "Only the first {n} rows are shown.",
    },
    "state.largest": {
        "ko": "응답이 많은 값의 {n}행만 표시합니다.",
        "en": "Only {n} rows are shown: those of the values with the most answers.",
    },
    # The menu of a card.
    "overview.next": {"ko": "다음 할 일", "en": "What to do next"},
    "overview.findings": {"ko": "무엇이 움직였나", "en": "What moved"},
    "overview.look": {"ko": "자세히 보기", "en": "Look closer"},
    "overview.actions": {"ko": "진행 중인 조치 {n}건", "en": "{n} actions under way"},
    "overview.title": {"ko": "고객 경험 한눈에", "en": "Customer experience at a glance"},
    "filter.metric": {"ko": "지표", "en": "Metric"},
    "filter.crossed": {"ko": "교차 기준", "en": "Crossed with"},
    "filter.not_here": {
        "ko": "{columns} 필터는 리뷰에 없는 항목이라 여기에는 적용되지 않습니다.",
        "en": "Reviews do not carry {columns}, so that filter does not apply here.",
    },
    "card.rows_left_out": {"ko": "외 {n}개는 표에서 볼 수 있습니다.", "en": "{n} more in the data table."},
    "card.brands_left_out": {
        "ko": "리뷰가 적거나 없는 브랜드 {n}곳은 뺐습니다. 글은 ‘리뷰’ 보기에 모두 있습니다.",
        "en": "{n} brands with few or no reviews are left out; “Reviews” holds the texts of all.",
    },
    "card.changed": {
        "ko": "변화({before} 대비): {found}",
        "en": "Change (against {before}): {found}",
    },
    "card.few_left_out": {
        "ko": "응답이 {least}건보다 적은 {n}개는 그리지 않았습니다. 카드 메뉴의 데이터에는 모두 있습니다.",
        "en": "{n} with fewer than {least} answers are not drawn; the data in the card's menu have them all.",
    },
    "card.question": {"ko": "질문 파일", "en": "Question file"},
    "card.owner": {"ko": "담당", "en": "Owner"},
    "card.grain": {"ko": "한 행의 뜻", "en": "Rows"},
    "card.variant": {"ko": "산식", "en": "Variant"},
    "card.snapshot": {"ko": "데이터 버전", "en": "Snapshot"},
    "card.by": {"ko": "{columns}별", "en": "by {columns}"},
    "card.band": {"ko": "띠는 95% 구간", "en": "band = 95%"},
    "card.whisker": {"ko": "선은 95% 구간", "en": "line = 95%"},
    # Names of cards whose question stands on the same page in another way.
    "title.crossed.change": {"ko": "두 차원이 만나는 곳의 변화", "en": "Changes where two meet"},
    "title.complaints.change": {"ko": "불만이 늘거나 줄어든 주제", "en": "Complaints that grew or shrank"},
    "title.impact.reach": {"ko": "점수 영향과 언급 비율", "en": "Impact and how often it is said"},
    "title.ratings.change": {"ko": "브랜드별 평점 변화", "en": "Changes by brand"},
    "title.steps.change": {"ko": "단계별 변화", "en": "Changes along the journey"},
    "title.steps.figures": {"ko": "단계별 수치", "en": "The steps in figures"},
    "card.change.map": {
        "ko": "색이 있는 칸은 실제 변화, 회색 숫자는 오차 범위 안입니다.",
        "en": "Coloured cells are real changes, grey numbers are within noise.",
    },
    "card.change.key": {
        "ko": "채운 점은 실제 변화, 빈 점은 오차 범위 안입니다.",
        "en": "Filled: a real change. Hollow: within noise.",
    },
    "card.privacy": {
        "ko": "응답이 {minimum}건보다 적은 값 {n}개는 개인 정보 보호를 위해 –로 표시합니다.",
        "en": "{n} values of fewer than {minimum} answers are shown as – to protect privacy.",
    },
    "card.approximate": {
        "ko": "같은 고객의 여러 응답을 감안해 구간을 {factor}배로 넓힌 근삿값입니다.",
        "en": "Approximate: intervals widened ×{factor}, as the same customers answered repeatedly.",
    },
    "card.adjusted": {
        "ko": "보정 평점은 리뷰가 적은 브랜드를 전체 평균 쪽으로 당긴 베이즈 평균입니다.",
        "en": "Adjusted: a Bayesian average that pulls brands with few reviews to the mean of all.",
    },
    "card.no_reviews": {"ko": "이 기간에 리뷰가 없는 브랜드: {brands}", "en": "No reviews in this period: {brands}"},
    "card.filling": {
        "ko": "속이 빈 점은 아직 끝나지 않은 기간입니다. 응답이 더 들어오면 달라집니다.",
        "en": "A hollow point is a period that is not over: it will change as answers come in.",
    },
    "card.cut": {
        "ko": "문항이 바뀐 곳에서 선을 끊었습니다. 앞뒤를 견주지 않습니다.",
        "en": "The line is cut where the question was reworded: do not compare across.",
    },
    "card.unusual": {
        "ko": "고리는 앞선 기간들로 보아 이례적인 점입니다.",
        "en": "A ring marks what the earlier periods would not lead one to expect.",
    },
    "card.panel": {
        "ko": "고객 {n}명에 1명씩 뽑아 그 고객의 응답을 모두 썼습니다.",
        "en": "From one customer in {n}, each with all answers.",
    },
    "card.crosstab": {
        "ko": "글자는 그 칸이 뚜렷하게 높은 상대 열입니다. 가운뎃점(·)은 응답이 적은 값입니다.",
        "en": "Letters name the columns that a cell truly exceeds. A dot (·) marks few answers.",
    },
    "card.formula": {"ko": "계산", "en": "Formula"},
    "card.formula.nps": {
        "ko": "100 × (추천 − 비추천) ÷ 응답, 구간은 보정 왈드(Rocks 2016)",
        "en": "100 × (promoters − detractors) ÷ answers; interval adjusted Wald (Rocks 2016)",
    },
    "card.formula.share": {
        "ko": "100 × 해당 응답 ÷ 응답, 구간은 윌슨(1927)",
        "en": "100 × answers that count ÷ answers; interval Wilson (1927)",
    },
    "card.formula.mean": {
        "ko": "점수의 평균, 구간은 분산으로(스튜던트 t)",
        "en": "mean of the scores; interval from their variance (Student's t)",
    },
    "card.period": {"ko": "기간", "en": "Period"},
    "key.mix": {"ko": "{dimension} 구성 보정 시 {change}", "en": "{change} at the same {dimension} mix"},
    "unusual.outside": {"ko": "이례적: 앞선 기간의 범위를 벗어남", "en": "Unusual: outside what earlier periods give"},
    "unusual.run": {"ko": "여덟 기간 이상 같은 쪽", "en": "Eight or more in a row on one side"},
    "unusual.drift": {"ko": "서서히 움직임", "en": "Slow drift"},
    "chart.start": {"ko": "이전", "en": "Before"},
    "chart.end": {"ko": "현재", "en": "Now"},
    "chart.rate": {"ko": "점수", "en": "Scores"},
    "chart.mix": {"ko": "구성", "en": "Mix"},
    "chart.rest": {"ko": "그 밖", "en": "Others"},
    "chart.cut": {"ko": "새 문항", "en": "New wording"},
    "chart.partial": {"ko": "아직 끝나지 않은 기간", "en": "Period not over"},
    "chart.fix": {"ko": "먼저 고치기", "en": "Fix first"},
    "chart.keep": {"ko": "지키기", "en": "Keep up"},
    "chart.watch": {"ko": "지켜보기", "en": "Watch"},
    "chart.over": {"ko": "충분함", "en": "Enough"},
    "chart.other": {"ko": "그 밖(합침)", "en": "Others, pooled"},
    "card.bar.key": {
        "ko": "진한 막대는 나머지와 실제로 다릅니다. 여러 비교를 함께 보정했습니다.",
        "en": "Strong bars truly differ from the rest, corrected for many comparisons.",
    },
    "state.publishing": {"ko": "데이터를 준비하고 있습니다.", "en": "Preparing the data."},
    "state.publishing.detail": {
        "ko": "내보낸 파일을 처음 읽는 동안 잠시 걸립니다. 화면은 저절로 바뀝니다.",
        "en": "The exports are being read for the first time. This page changes by itself.",
    },
    "state.publish_failed": {
        "ko": "새 파일을 게시하지 못해 {day}에 게시한 데이터를 보여 줍니다.",
        "en": "New exports could not be published; what was published on {day} is shown.",
    },
    "workbench": {"ko": "작업대", "en": "Workbench"},
    "workbench.about": {
        "ko": "여기서 질문을 써 보고 파일로 내려받아 queries/custom/에 둡니다. 아무것도 저장하지 않습니다.",
        "en": "Try a question here; when it is right, download it and put it into queries/custom/. Nothing is stored.",
    },
    "workbench.text": {"ko": "질문 (머리말과 SELECT)", "en": "Question (header and SELECT)"},
    "workbench.run": {"ko": "실행", "en": "Run"},
    "workbench.download": {"ko": ".sql 내려받기", "en": "Download .sql"},
    "workbench.tables": {"ko": "표", "en": "Tables"},
    "workbench.header": {"ko": "머리말", "en": "Header"},
    "workbench.functions": {"ko": "함수", "en": "Functions"},
    "workbench.function": {"ko": "함수", "en": "Function"},
    "workbench.columns": {"ko": "열", "en": "Column"},
    "workbench.keys": {"ko": "키", "en": "Key"},
    "workbench.meaning": {"ko": "뜻", "en": "Meaning"},
    "workbench.click": {"ko": "누르면 왼쪽 글에 들어갑니다.", "en": "A click writes it into the text."},
    "workbench.plan": {"ko": "실행 계획", "en": "Plan"},
    "workbench.took": {"ko": "{n}행, {seconds}ms", "en": "{n} rows, {seconds} ms"},
    "explore.empty": {
        "ko": "아직 직접 만든 질문이 없습니다. queries/custom/에 SQL 파일을 넣으면 여기에 카드가 생깁니다.",
        "en": "There are no questions of your own yet. Put a SQL file into queries/custom/ and a card appears here.",
    },
    # Publishing under way: what is being done, and how much remains.
    "progress": {"ko": "데이터를 게시하고 있습니다.", "en": "Publishing the data."},
    "progress.looking": {"ko": "파일 찾기", "en": "Looking for files"},
    "progress.erasing": {"ko": "삭제 요청 고객 지우기", "en": "Erasing customers"},
    "progress.reading": {"ko": "파일 읽기와 검사", "en": "Reading and checking files"},
    "progress.months": {"ko": "월별로 저장", "en": "Writing months"},
    "progress.sums": {"ko": "응답별 지표 계산", "en": "Working out the metrics of answers"},
    "progress.rollups": {"ko": "집계", "en": "Summing up"},
    "progress.words": {"ko": "글 분석", "en": "Reading comments"},
    "progress.of": {"ko": "{total}개 중 {done}번째", "en": "{done} of {total}"},
    "progress.seconds": {"ko": "약 {n}초 남음", "en": "about {n} s left"},
    "progress.minutes": {"ko": "약 {n}분 남음", "en": "about {n} min left"},
    "data.published": {"ko": "{day} {time}에 게시했습니다.", "en": "Published {day}, {time}."},
    "data.tables": {"ko": "표", "en": "Tables"},
    "data.files": {"ko": "파일", "en": "Files"},
    "data.aside": {"ko": "따로 둔 것과 그 까닭", "en": "Set aside, and why"},
    "data.aside.rows": {"ko": "따로 둔 행", "en": "Rows set aside"},
    "data.aside.none": {"ko": "따로 둔 파일이나 행이 없습니다.", "en": "No file and no row was set aside."},
    "data.notes": {"ko": "알림", "en": "Notes"},
    "upload": {"ko": "다른 모양의 파일로 소스 만들기", "en": "A source for files of another shape"},
    "upload.about": {
        "ko": "파일을 살펴보고 소스를 제안합니다. 데이터 폴더에 추가하기 전에는 아무것도 저장하지 않습니다. "
        "큰 파일은 폴더에 복사하고 cx new source로 제안받습니다.",
        "en": "Looks at files and proposes a source. Nothing is stored until you add it to the data folder. "
        "Copy large files there and use cx new source.",
    },
    "upload.files": {"ko": "내보낸 파일 (같은 모양 여러 개 가능)", "en": "Exports (several of one shape)"},
    "upload.name": {"ko": "폴더와 소스의 이름", "en": "Name of the folder and the source"},
    "upload.looking": {"ko": "파일을 살펴보는 중", "en": "Looking at the files"},
    "upload.text": {
        "ko": "제안한 소스 (guess로 표시한 줄은 확인하세요)",
        "en": "Proposed source (check the lines marked guess)",
    },
    "upload.again": {"ko": "다시 보기", "en": "Look again"},
    "upload.take": {"ko": "데이터 폴더에 추가", "en": "Add to the data folder"},
    "upload.written": {
        "ko": "{name} 폴더와 소스를 추가했습니다. 곧 게시됩니다.",
        "en": "Added the folder and the source {name}. They will be published in a moment.",
    },
    "upload.kept": {
        "ko": "{file}: {read}행 가운데 {kept}행을 게시합니다.",
        "en": "{file}: {kept} of {read} rows would be published.",
    },
    "data.questions": {"ko": "고쳐야 할 질문 파일", "en": "Question files to mend"},
    "data.table": {"ko": "표", "en": "Table"},
    "data.rows": {"ko": "행", "en": "Rows"},
    "data.parts": {"ko": "월", "en": "Months"},
    "data.first": {"ko": "처음", "en": "First"},
    "data.last": {"ko": "마지막", "en": "Last"},
    "data.replaced": {"ko": "새 파일로 바뀐 행", "en": "Replaced by newer"},
    "data.file": {"ko": "파일", "en": "File"},
    "data.source": {"ko": "소스", "en": "Source"},
    "data.state": {"ko": "상태", "en": "State"},
    "data.state.published": {"ko": "게시됨", "en": "published"},
    "data.state.refused": {"ko": "제외됨", "en": "set aside"},
    "data.state.waiting": {"ko": "기록 중", "en": "being written"},
    "data.state.kept": {"ko": "이전 내용 유지", "en": "last good kept"},
    "data.read": {"ko": "읽은 행", "en": "Read"},
    "data.kept": {"ko": "게시한 행", "en": "Kept"},
    "data.reason": {"ko": "까닭", "en": "Why"},
    "data.remedy": {"ko": "할 일", "en": "What to do"},
    "data.example": {"ko": "예", "en": "Example"},
    "data.row": {"ko": "행 번호", "en": "Row"},
    "data.column": {"ko": "열", "en": "Column"},
    "data.value": {"ko": "값", "en": "Value"},
    "data.aside.download": {"ko": "따로 둔 행을 모두 내려받기", "en": "Download every row set aside"},
    "data.age": {"ko": "경과 일수", "en": "Days old"},
    "data.gaps": {"ko": "빠진 날", "en": "Days missing"},
    "data.gaps.none": {"ko": "행이 없는 날이 없습니다.", "en": "No day is without rows."},
    "data.gaps.some": {"ko": "행이 없는 날이 {n}일 있습니다.", "en": "{n} days are without rows."},
    "data.gaps.last": {"ko": "마지막은 {day}입니다.", "en": "The last is {day}."},
    "data.half": {"ko": "보류한 날", "en": "Days held"},
    "data.half.about": {
        "ko": "같은 요일의 평소보다 행이 절반도 안 되어 나머지가 올 때까지, 길어도 사흘 동안 게시하지 않습니다.",
        "en": "They have less than half the rows usual on that weekday, and wait for the rest, at most three days.",
    },
    "data.half.day": {"ko": "날짜", "en": "Day"},
    "data.half.rows": {"ko": "지금까지 행", "en": "Rows so far"},
    "data.half.usual": {"ko": "평소 행", "en": "Usual"},
    "data.half.release": {"ko": "지금 그대로 게시", "en": "Publish them as they are"},
    "data.days": {"ko": "날짜별 행 수", "en": "Rows per day"},
    "data.every_file": {"ko": "모든 파일", "en": "All files"},
    "data.months": {"ko": "기간", "en": "Months"},
    "data.last_months": {"ko": "최근 {n}개월", "en": "Last {n} months"},
    "data.month": {"ko": "월", "en": "Month"},
    "data.changes": {"ko": "직전 게시 이후 바뀐 것", "en": "Changed since the snapshot before"},
    "data.changes.none": {"ko": "바뀐 행이 없습니다.", "en": "No row has changed."},
    "data.added": {"ko": "추가된 행", "en": "Added"},
    "data.restated": {"ko": "정정된 행", "en": "Restated"},
    "data.removed": {"ko": "없어진 행", "en": "Removed"},
    "data.drift.new": {"ko": "{where}: 새로 생긴 열 {columns}", "en": "{where}: new columns {columns}"},
    "data.drift.lost": {"ko": "{where}: 없어진 열 {columns}", "en": "{where}: columns lost {columns}"},
    "data.quality": {"ko": "게시별 데이터 품질", "en": "Quality of the data, by publication"},
    "data.share": {"ko": "따로 둔 비율(%)", "en": "Set aside (%)"},
    "data.when": {"ko": "게시 시각", "en": "Published"},
    "data.refused": {"ko": "제외된 파일", "en": "Files set aside"},
    "data.seconds": {"ko": "걸린 시간(초)", "en": "Seconds"},
    "data.closed": {"ko": "마감한 달", "en": "Closed months"},
    "data.closed.about": {
        "ko": "마감할 때 보고한 값은 그대로 남습니다. 다른 페이지는 늘 지금의 데이터로 계산한 값을 보여 줍니다.",
        "en": "What was reported stays on record. All other pages show what the data say today.",
    },
    "data.closed.at": {"ko": "마감 시각", "en": "Closed"},
    "data.closed.by": {"ko": "마감한 사람", "en": "By"},
    "data.closed.note": {"ko": "메모", "en": "Note"},
    "data.closed.metrics": {"ko": "달라진 지표", "en": "Metrics that differ"},
    "data.closed.parts": {"ko": "달라진 세그먼트 값", "en": "Segment figures that differ"},
    "data.closed.changed": {"ko": "보고한 값과 지금 값", "en": "As reported, and now"},
    "data.closed.same": {"ko": "모든 값이 보고한 그대로입니다.", "en": "Every figure is as it was reported."},
    "data.closed.why": {"ko": "참고", "en": "Remark"},
    "data.closed.redefined": {"ko": "지표 정의가 바뀜", "en": "the metric was redefined"},
    "data.metric": {"ko": "지표", "en": "Metric"},
    "data.where": {"ko": "구분", "en": "Of"},
    "data.then": {"ko": "보고한 값", "en": "Reported"},
    "data.now": {"ko": "지금 값", "en": "Now"},
    "data.moved": {"ko": "차이", "en": "Difference"},
    "data.erased": {"ko": "고객 삭제", "en": "Erased customers"},
    "data.erased.count": {
        "ko": "고객 {n}명의 데이터를 모든 게시본에서 지웠습니다.",
        "en": "{n} customers are erased from every snapshot.",
    },
    "data.held": {"ko": "법적 보존 중", "en": "Under legal hold"},
    "data.customer": {"ko": "고객", "en": "Customer"},
    "data.asked": {"ko": "요청일", "en": "Asked on"},
    "data.held_until": {"ko": "보존 기한", "en": "Held until"},
    "data.hold_reason": {"ko": "보존 사유", "en": "Reason"},
    "caption.restated": {
        "ko": "마감 뒤 값이 바뀐 달 포함: {months}",
        "en": "Includes months restated since they were closed: {months}",
    },
    "card.menu": {"ko": "더 보기", "en": "More"},
    "card.data": {"ko": "데이터", "en": "Data"},
    "card.sql": {"ko": "SQL", "en": "SQL"},
    "card.definition": {"ko": "정의", "en": "Definition"},
    # The answers behind a figure.
    "behind.title": {"ko": "수치 뒤의 응답", "en": "Answers behind it"},
    "behind.figure": {"ko": "수치", "en": "Figure"},
    "behind.card": {"ko": "카드 전체", "en": "The whole card"},
    "behind.order": {"ko": "순서", "en": "Order"},
    "behind.random": {"ko": "무작위", "en": "Random"},
    "behind.newest": {"ko": "최근", "en": "Newest"},
    "behind.lowest": {"ko": "낮은 점수", "en": "Lowest"},
    "behind.search": {"ko": "의견에서 찾기", "en": "Search comments"},
    "behind.commented": {"ko": "의견이 있는 응답만", "en": "Only with a comment"},
    "behind.more": {"ko": "10건 더 보기", "en": "Ten more"},
    "behind.filter": {"ko": "‘{value}’만 보기", "en": "Filter by {value}"},
    "behind.unsaid": {"ko": "의견 없음", "en": "No comment"},
    "behind.empty": {"ko": "조건에 맞는 응답이 없습니다.", "en": "No answer matches."},
    "behind.none": {
        "ko": "이 카드의 수치는 낱낱의 응답에서 나오지 않아 보여 줄 응답이 없습니다.",
        "en": "No single answers stand behind the figures of this card.",
    },
    "behind.whole": {
        "ko": "이 수치만의 조건을 질문 파일에서 알아낼 수 없어 카드 전체의 응답을 보여 줍니다.",
        "en": "What sets this figure apart cannot be told from its SQL, so these are the answers of the whole card.",
    },
    "behind.hidden": {
        "ko": "응답이 {minimum}건보다 적어 개인 정보 보호를 위해 보여 주지 않습니다.",
        "en": "Fewer than {minimum} answers: not shown, to protect privacy.",
    },
    "card.download": {"ko": "CSV 내려받기", "en": "Download CSV"},
}

COLUMN_LABELS: dict[str, dict[Language, str]] = {
    "adjusted": {"ko": "보정", "en": "Adjusted"},
    "base": {"ko": "바탕 응답", "en": "Base"},
    "change_p": {"ko": "변화 p값", "en": "Change, p"},
    "change_margin": {"ko": "확인 가능한 변화 ±", "en": "Smallest visible change"},
    "apart_p": {"ko": "나머지와 차이 p", "en": "Against rest, p"},
    "correlation": {"ko": "상관", "en": "Correlation"},
    "explains": {"ko": "설명", "en": "Explains"},
    "importance": {"ko": "중요도", "en": "Importance"},
    "item": {"ko": "단계", "en": "Step"},
    "mix": {"ko": "구성 변화의 몫", "en": "Mix effect"},
    "performance": {"ko": "점수", "en": "Score"},
    "performance_low": {"ko": "점수 하한", "en": "Score, low"},
    "performance_high": {"ko": "점수 상한", "en": "Score, high"},
    "performance_n": {"ko": "점수 응답 수", "en": "Score, n"},
    "p": {"ko": "p값", "en": "p"},
    "comment_id": {"ko": "글 번호", "en": "Comment"},
    "p_mix": {"ko": "구성 p", "en": "Mix, p"},
    "p_rate": {"ko": "점수 p", "en": "Scores, p"},
    "effect": {"ko": "효과", "en": "Effect"},
    "effect_low": {"ko": "효과 하한", "en": "Effect, low"},
    "effect_high": {"ko": "효과 상한", "en": "Effect, high"},
    "effect_p": {"ko": "효과 p값", "en": "Effect, p"},
    "rewarded_reviews": {"ko": "보상 리뷰", "en": "Rewarded"},
    "burst_reviews": {"ko": "몰린 날 리뷰", "en": "In bursts"},
    "plain_value": {"ko": "뺀 평점", "en": "Without"},
    "plain_low": {"ko": "뺀 평점 하한", "en": "Without, low"},
    "plain_high": {"ko": "뺀 평점 상한", "en": "Without, high"},
    "plain_n": {"ko": "뺀 뒤 리뷰 수", "en": "Without, n"},
    "rank": {"ko": "순위", "en": "Rank"},
    "rank_low": {"ko": "순위 상한", "en": "Rank from"},
    "rank_high": {"ko": "순위 하한", "en": "Rank to"},
    "rate": {"ko": "점수 변화의 몫", "en": "Rate effect"},
    "relative_weight": {"ko": "상대 가중치", "en": "Relative weight"},
    "share_before": {"ko": "이전 비중", "en": "Share before"},
    "shift": {"ko": "구성 이동", "en": "Mix shift"},
    "shrunken": {"ko": "수축 추정", "en": "Shrunken"},
    "started": {"ko": "시작일", "en": "Started"},
    "closed_on": {"ko": "폐점일", "en": "Closed"},
    "label_en": {"ko": "영문 이름", "en": "Label"},
    "weekday": {"ko": "요일", "en": "Weekday"},
    "answers": {"ko": "응답 수", "en": "Answers"},
    "reviews": {"ko": "리뷰 수", "en": "Reviews"},
    "low_share": {"ko": "낮은 평점 비율", "en": "Low ratings"},
    "comparable": {"ko": "환산 점수", "en": "Of 100"},
    "apart": {"ko": "나머지와 차이", "en": "Against rest"},
    "answer_id": {"ko": "응답 번호", "en": "Answer"},
    "answered_at": {"ko": "응답 일시", "en": "Answered"},
    "first_day": {"ko": "첫날", "en": "First day"},
    "last_day": {"ko": "마지막 날", "en": "Last day"},
    "impact": {"ko": "점수 영향", "en": "Impact"},
    "impact_low": {"ko": "영향 하한", "en": "Impact, low"},
    "impact_high": {"ko": "영향 상한", "en": "Impact, high"},
    "impact_p": {"ko": "영향 p값", "en": "Impact, p"},
    "reach": {"ko": "언급 비율 %", "en": "Share, %"},
    "reach_low": {"ko": "비율 하한", "en": "Share, low"},
    "reach_high": {"ko": "비율 상한", "en": "Share, high"},
    "reach_before": {"ko": "이전 비율 %", "en": "Share before, %"},
    "reach_verdict": {"ko": "비율 변화", "en": "Share change"},
    "trend": {"ko": "추세 ×", "en": "Trend factor"},
    "priority": {"ko": "우선순위", "en": "Priority"},
    "from_brand": {"ko": "떠난 브랜드", "en": "From"},
    "to_brand": {"ko": "옮겨 간 브랜드", "en": "To"},
    "named": {"ko": "언급된 브랜드", "en": "Brand named"},
    "direction": {"ko": "방향", "en": "Direction"},
    "complaint_theme": {"ko": "불만 주제", "en": "Complaint"},
    "praise_theme": {"ko": "칭찬 주제", "en": "Praise"},
    "complaints": {"ko": "불만", "en": "Complaints"},
    "praises": {"ko": "칭찬", "en": "Praises"},
    "leavers": {"ko": "떠난다는 글", "en": "Leaving"},
    "replied_share": {"ko": "답변 비율 %", "en": "Replied, %"},
    "replied_share_low": {"ko": "낮은 별점 답변 비율 %", "en": "Low stars replied, %"},
    "hours_half": {"ko": "절반이 답한 시간", "en": "Hours, half"},
    "hours_most": {"ko": "열에 아홉이 답한 시간", "en": "Hours, nine of ten"},
    "brand_rating": {"ko": "평점", "en": "Rating"},
    "last_year": {"ko": "전년", "en": "Last year"},
    "year_change": {"ko": "전년 대비", "en": "On last year"},
    "year_change_verdict": {"ko": "전년 대비 판정", "en": "Last year, verdict"},
    "age_band": {"ko": "연령대", "en": "Age band"},
    "amount": {"ko": "금액", "en": "Amount"},
    "body": {"ko": "내용", "en": "Text"},
    "brand": {"ko": "브랜드", "en": "Brand"},
    "change": {"ko": "변화", "en": "Change"},
    "channel": {"ko": "채널", "en": "Channel"},
    "city": {"ko": "도시", "en": "City"},
    "comment": {"ko": "의견", "en": "Comment"},
    "company": {"ko": "회사", "en": "Company"},
    "country": {"ko": "국가", "en": "Country"},
    "customer_id": {"ko": "고객 번호", "en": "Customer"},
    "customer_type": {"ko": "고객 유형", "en": "Customer type"},
    "day": {"ko": "날짜", "en": "Day"},
    "department": {"ko": "부서", "en": "Department"},
    "device": {"ko": "기기", "en": "Device"},
    "dimension": {"ko": "구분", "en": "Dimension"},
    "experienced_at": {"ko": "경험 일시", "en": "Experienced"},
    "figure": {"ko": "값", "en": "Value"},
    "gender": {"ko": "성별", "en": "Gender"},
    "high": {"ko": "상한", "en": "High"},
    "incentivised": {"ko": "보상 제공", "en": "Incentivised"},
    "joined_at": {"ko": "가입 일시", "en": "Joined"},
    "kind": {"ko": "종류", "en": "Kind"},
    "label": {"ko": "이름", "en": "Label"},
    "language": {"ko": "언어", "en": "Language"},
    "low": {"ko": "하한", "en": "Low"},
    "metric": {"ko": "지표", "en": "Metric"},
    "month": {"ko": "월", "en": "Month"},
    "n": {"ko": "응답 수", "en": "Answers"},
    "order_id": {"ko": "주문 번호", "en": "Order"},
    "owner": {"ko": "담당", "en": "Owner"},
    "parent_id": {"ko": "상위 조직", "en": "Parent unit"},
    "period": {"ko": "기간", "en": "Period"},
    "unit": {"ko": "단위", "en": "Unit"},
    "position": {"ko": "순서", "en": "Position"},
    "previous": {"ko": "직전 값", "en": "Previous"},
    "product": {"ko": "제품", "en": "Product"},
    "question": {"ko": "문항", "en": "Question"},
    "rating": {"ko": "평점", "en": "Rating"},
    "region": {"ko": "지역", "en": "Region"},
    "replied_at": {"ko": "답변 일시", "en": "Replied"},
    "responded_at": {"ko": "응답 일시", "en": "Answered"},
    "response_id": {"ko": "응답 번호", "en": "Response"},
    "review_id": {"ko": "리뷰 번호", "en": "Review"},
    "reviewed_at": {"ko": "작성 일시", "en": "Reviewed"},
    "score": {"ko": "점수", "en": "Score"},
    "segment": {"ko": "세그먼트", "en": "Segment"},
    "segment_2": {"ko": "세그먼트 2", "en": "Segment 2"},
    "share": {"ko": "비율", "en": "Share"},
    "source": {"ko": "출처", "en": "Source"},
    "stage": {"ko": "단계", "en": "Stage"},
    "survey": {"ko": "설문", "en": "Survey"},
    "target": {"ko": "목표", "en": "Target"},
    "theme": {"ko": "주제", "en": "Theme"},
    "text": {"ko": "내용", "en": "Text"},
    "word": {"ko": "말", "en": "Word"},
    "words": {"ko": "단어", "en": "Words"},
    "times": {"ko": "평소의 몇 배", "en": "Times the usual"},
    "sentiment": {"ko": "감성", "en": "Sentiment"},
    "mentioned": {"ko": "언급 비율", "en": "Mentioned"},
    "said": {"ko": "글 수", "en": "Texts"},
    "related": {"ko": "함께 늘어난 말", "en": "Rose with it"},
    "complaining": {"ko": "불만인 글 %", "en": "Complaints %"},
    "elsewhere": {"ko": "다른 브랜드 %", "en": "Other brands %"},
    "elsewhere_before": {"ko": "다른 브랜드 평소 %", "en": "Other brands as usual %"},
    "tier": {"ko": "등급", "en": "Tier"},
    "title": {"ko": "제목", "en": "Title"},
    "title_en": {"ko": "영문 제목", "en": "Title in English"},
    "touchpoint": {"ko": "접점", "en": "Touchpoint"},
    "unit_id": {"ko": "지점", "en": "Unit"},
    "value": {"ko": "값", "en": "Value"},
    "verdict": {"ko": "판정", "en": "Verdict"},
    "verified": {"ko": "구매 인증", "en": "Verified"},
    "version": {"ko": "버전", "en": "Version"},
    "weight": {"ko": "가중치", "en": "Weight"},
    "wording_version": {"ko": "문항 버전", "en": "Wording version"},
    "year": {"ko": "연도", "en": "Year"},
    "action_id": {"ko": "조치 번호", "en": "Action"},
    "event_id": {"ko": "사건 번호", "en": "Event"},
    "invitation_id": {"ko": "초대 번호", "en": "Invitation"},
    "churned_at": {"ko": "이탈 시각", "en": "Left at"},
    "finished_at": {"ko": "끝난 시각", "en": "Finished at"},
    "occurred_at": {"ko": "일어난 시각", "en": "Occurred at"},
    "promised_at": {"ko": "약속 시각", "en": "Promised at"},
    "raised_at": {"ko": "제기 시각", "en": "Raised at"},
    "sent_at": {"ko": "보낸 시각", "en": "Sent at"},
    "started_at": {"ko": "시작 시각", "en": "Started at"},
    "handling_seconds": {"ko": "처리 시간(초)", "en": "Handling (s)"},
    "wait_seconds": {"ko": "대기 시간(초)", "en": "Waiting (s)"},
    "resolved": {"ko": "해결", "en": "Resolved"},
    "transferred": {"ko": "이관", "en": "Transferred"},
    "treatment": {"ko": "실험군", "en": "Treatment"},
    "valid_from": {"ko": "적용 시작", "en": "Valid from"},
    "valid_to": {"ko": "적용 종료", "en": "Valid to"},
    "from": {"ko": "시작", "en": "From"},
    "to": {"ko": "종료", "en": "To"},
    "label_ko": {"ko": "한국어 이름", "en": "Korean label"},
    "rating_max": {"ko": "별점 만점", "en": "Most stars"},
    "total": {"ko": "전체", "en": "Total"},
    "letter": {"ko": "열 문자", "en": "Letter"},
    "above": {"ko": "더 높은 열", "en": "Above"},
    "dimension_2": {"ko": "둘째 차원", "en": "Second dimension"},
    "spread": {"ko": "차이 폭", "en": "Spread"},
    "turnover": {"ko": "교체 비율", "en": "Turnover"},
    "unusual": {"ko": "이례", "en": "Unusual"},
}

VALUE_LABELS: dict[str, dict[str, dict[Language, str]]] = {
    "unit": {grain: WORDS[f"grain.{grain}"] for grain in GRAINS},
    "weekday": {
        "Monday": {"ko": "월요일", "en": "Monday"},
        "Tuesday": {"ko": "화요일", "en": "Tuesday"},
        "Wednesday": {"ko": "수요일", "en": "Wednesday"},
        "Thursday": {"ko": "목요일", "en": "Thursday"},
        "Friday": {"ko": "금요일", "en": "Friday"},
        "Saturday": {"ko": "토요일", "en": "Saturday"},
        "Sunday": {"ko": "일요일", "en": "Sunday"},
    },
    "kind": {
        "release": {"ko": "출시", "en": "Release"},
        "campaign": {"ko": "캠페인", "en": "Campaign"},
        "holiday": {"ko": "명절", "en": "Holiday"},
        "outage": {"ko": "장애", "en": "Outage"},
        "complaint": {"ko": "불만", "en": "Complaint"},
        "praise": {"ko": "칭찬", "en": "Praise"},
        "wish": {"ko": "바람", "en": "Wish"},
        "question": {"ko": "문의", "en": "Question"},
    },
    "direction": {
        "left": {"ko": "그쪽으로 떠남", "en": "Left for it"},
        "came": {"ko": "그쪽에서 옴", "en": "Came from it"},
        "compared": {"ko": "견줌", "en": "Compared"},
    },
}
"""Words for values that the product itself or its contract names; a company's own labels come first."""


def say(key: str, language: Language, /, **values: object) -> str:
    """Return the words of `key`, with `values` in their places.

    Values are put in as they are: write numbers and days with the formats of this module first.
    Raises CxError for an unknown key or language and for a missing value.
    """
    if key not in WORDS:
        raise CxError(f"There are no words for {key!r}.", nearest(key, WORDS))
    template = WORDS[key][_known(language)]
    missing = [name for name in placeholders(template) if name not in values]
    if missing:
        raise CxError(f"The words for {key!r} lack a value: {', '.join(missing)}.", "Pass it by name.")
    return template.format(**values)


def placeholders(template: str) -> list[str]:
    """Return the names of the values that a template needs, sorted, each once."""
    return sorted({name for _, name, _, _ in Formatter().parse(template) if name})


def column_label(column: str, language: Language) -> str:
    """Return what a column is called; one we have no word for keeps its name, with spaces for underscores."""
    if column in COLUMN_LABELS:
        return COLUMN_LABELS[column][_known(language)]
    words = column.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


# --- Numbers -------------------------------------------------------------------------------------

# 만 and 억 step by ten thousand, k and M by a thousand; both begin where a plain number gets long.
_SCALES: dict[Language, Sequence[tuple[int, str]]] = {
    "ko": ((10**4, "만"), (10**8, "억"), (10**12, "조")),
    "en": ((10**3, "k"), (10**6, "M"), (10**9, "B"), (10**12, "T")),
}
_PLAIN_BELOW = 10_000
_TWO_DIGITS = 100
# Wide enough for any float, so that quantize never runs out of digits.
_EXACT = Context(prec=400)

# Sign in front of the number (English), word behind it (Korean).
_CURRENCIES: dict[str, tuple[str, str]] = {
    "KRW": ("₩", "원"),
    "USD": ("$", "달러"),
    "EUR": ("€", "유로"),
    "JPY": ("¥", "엔"),
    "CNY": ("CN¥", "위안"),
}


def number(value: SupportsFloat | None, language: Language, decimals: int = 0) -> str:
    """Write a number with comma groups and a true minus; halves are rounded away from zero."""
    _known(language)
    rounded = _rounded(value, decimals)
    return NO_VALUE if rounded is None else _minus(rounded) + f"{abs(rounded):,f}"


def count(n: SupportsFloat | None, language: Language) -> str:
    """Write how many: "8,210" below 10,000, then short: "1.2만", "3.1억"; "12.4k", "3.1M"."""
    rounded = _rounded(n, 0)
    return NO_VALUE if rounded is None else _minus(rounded) + _short(abs(rounded), language)


def answers(n: int | None, language: Language) -> str:
    """Write how many answers: "응답 8,210건", "응답 1.2만 건", "8,210 answers", "1 answer", "no answers"."""
    if n is None or n == 0:
        return say("answers.none", language)
    written = count(n, language)
    # A number that ends in a word such as 만 is set apart from 건.
    if language == "ko" and not written[-1].isdigit():
        written += " "
    return say("answers.one" if n == 1 else "answers.many", language, n=written)


def money(value: SupportsFloat | None, language: Language, currency: str = "KRW") -> str:
    """Write money, in whole units of the currency: "3.2억 원", "9,800원"; "₩320M", "₩9,800"."""
    rounded = _rounded(value, 0)
    if rounded is None:
        return NO_VALUE
    sign, word = _CURRENCIES.get(currency, (currency + NO_BREAK_SPACE, currency))
    short = _short(abs(rounded), language)
    if language == "en":
        return f"{_minus(rounded)}{sign}{short}"
    gap = "" if short[-1].isdigit() and currency in _CURRENCIES else " "
    return f"{_minus(rounded)}{short}{gap}{word}"


def signed(value: SupportsFloat | None, language: Language, decimals: int = 0, unit: str = "") -> str:
    """Write a change for charts and captions: "+2.3점", "−1.2%p", "−1.2 pp"; zero has no sign.

    The minus is the true one (U+2212); Streamlit's `st.metric` needs `delta_text` instead.
    """
    rounded = _rounded(value, decimals)
    if rounded is None:
        return NO_VALUE
    sign = "+" if rounded > 0 else _minus(rounded)
    return f"{sign}{abs(rounded):,f}{_unit(unit, language)}"


def delta_text(value: SupportsFloat | None, language: Language, decimals: int = 0, unit: str = "") -> str:
    """Write a change for the `delta` of `st.metric`, with "+" or an ASCII "-" in front.

    What rounds to zero is "0" and what is missing is "": the only two texts that get no arrow from
    Streamlit, which takes any other text without an ASCII "-" (a true minus, a dash) for a rise.
    """
    rounded = _rounded(value, decimals)
    if rounded is None:
        return ""
    return signed(rounded, language, decimals, unit).replace(MINUS, "-") if rounded else "0"


def percent(share: SupportsFloat | None, language: Language, decimals: int = 0) -> str:
    """Write a share (0 to 1) in percent: 0.62 is "62%"."""
    exact = _exact(share)
    return NO_VALUE if exact is None else number(exact * 100, language, decimals) + "%"


def _exact(value: SupportsFloat | None) -> Decimal | None:
    if value is None or not math.isfinite(value):
        return None
    if isinstance(value, (int, Decimal)):
        return Decimal(value)
    # Through the shortest text: 0.285 is meant as 0.285, not as the binary fraction just below it.
    return Decimal(repr(float(value)))


def _rounded(value: SupportsFloat | None, decimals: int) -> Decimal | None:
    exact = _exact(value)
    if exact is None:
        return None
    return exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP, context=_EXACT)


def _minus(value: Decimal) -> str:
    # By comparison: the sign of a Decimal would write "−0" for what rounds to zero.
    return MINUS if value < 0 else ""


def _short(size: Decimal, language: Language) -> str:
    (scale, word), *larger = _SCALES[_known(language)]
    if size < _PLAIN_BELOW:
        return f"{size:,f}"
    scaled = _scaled(size, scale)
    for larger_scale, larger_word in larger:
        # After rounding, so that 999,999 becomes 1M and not 1,000k.
        if scaled * scale < larger_scale:
            break
        scale, word = larger_scale, larger_word
        scaled = _scaled(size, scale)
    # 1만, not 1.0만.
    return f"{scaled:,f}".removesuffix(".0") + word


def _scaled(size: Decimal, scale: int) -> Decimal:
    scaled = size / scale
    places = Decimal("0.1") if scaled < _TWO_DIGITS else Decimal(1)
    return scaled.quantize(places, rounding=ROUND_HALF_UP, context=_EXACT)


def _unit(unit: str, language: Language) -> str:
    apart = _known(language) == "en" and unit[:1].isalpha()
    return NO_BREAK_SPACE + unit if apart else unit


# --- Days ----------------------------------------------------------------------------------------

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def day(when: date, language: Language) -> str:
    """Write one day: "21 Nov 2026", "2026년 11월 21일"."""
    return _join(_day_parts(when, language), language)


def date_range(period: Period, language: Language) -> str:
    """Write a period with its inclusive last day, as short as it can be understood.

    "24 Aug – 21 Nov 2026", "2026년 11월 1일 – 22일"; one day, a whole month ("November 2026") or a
    whole year ("2026") are named as such.
    """
    start, last = period.start, period.last
    if period.days == 1:
        return day(start, language)
    next_day = period.end
    if start.day == next_day.day == 1:
        if start.month == next_day.month == 1 and next_day.year == start.year + 1:
            return period_label(start, "year", language)
        if (start.year, start.month) == (last.year, last.month):
            if _known(language) == "en":
                return f"{_MONTHS[start.month - 1]} {start.year}"
            return period_label(start, "month", language)
    first_parts, last_parts = _day_parts(start, language), _day_parts(last, language)
    shared = 0
    while shared < 2 and first_parts[shared] == last_parts[shared]:
        shared += 1
    # Korean says the shared parts once in front, English once at the end.
    if language == "ko":
        last_parts = last_parts[shared:]
    else:
        first_parts = first_parts[shared:]
    return f"{_join(first_parts, language)} – {_join(last_parts, language)}"


def period_label(start: date, grain: str, language: Language) -> str:
    """Write the name of the day, week, month, quarter or year that begins with (or holds) `start`.

    A Korean week is counted within the month that holds its Thursday ("11월 3주차"); an English one
    is the ISO week ("W47 2026"). Days ("21 Nov") and Korean weeks leave the year to the axis.
    Raises CxError for an unknown grain.
    """
    korean = _known(language) == "ko"
    if grain not in GRAINS:
        raise CxError(f"There is no grain called {grain!r}.", nearest(grain, GRAINS))
    month = _MONTHS[start.month - 1][:3]
    if grain == "day":
        return f"{start.month}월 {start.day}일" if korean else f"{start.day} {month}"
    if grain == "week":
        thursday = period_start(start, "week") + timedelta(days=3)
        if korean:
            return f"{thursday.month}월 {(thursday.day - 1) // 7 + 1}주차"
        year, week, _ = thursday.isocalendar()
        return f"W{week} {year}"
    if grain == "month":
        return f"{start.year}년 {start.month}월" if korean else f"{month} {start.year}"
    if grain == "quarter":
        quarter = (start.month - 1) // 3 + 1
        return f"{start.year}년 {quarter}분기" if korean else f"Q{quarter} {start.year}"
    return f"{start.year}년" if korean else f"{start.year}"


def period_in_words(start: date, grain: str, language: Language) -> str:
    """The name of a period where no axis tells the year, and nobody counts weeks: "week of 10 Aug 2026"."""
    if grain != "week":
        return period_label(start, grain, language)
    monday = period_start(start, "week")
    if language == "ko":
        return f"{(monday + timedelta(days=3)).year}년 {period_label(start, grain, language)}"
    return f"week of {day(monday, language)}"


def _day_parts(when: date, language: Language) -> list[str]:
    # From the part that changes least to the one that changes most.
    if _known(language) == "ko":
        return [f"{when.year}년", f"{when.month}월", f"{when.day}일"]
    return [f"{when.year}", _MONTHS[when.month - 1][:3], f"{when.day}"]


def _join(parts: list[str], language: Language) -> str:
    return " ".join(parts if language == "ko" else reversed(parts))


# --- Korean --------------------------------------------------------------------------------------

Ending = Literal["vowel", "l", "consonant"]

# (after a consonant, after a vowel, where the reading is not known)
_PARTICLES: dict[str, tuple[str, str, str]] = {
    "은/는": ("은", "는", "은(는)"),
    "이/가": ("이", "가", "이(가)"),
    "을/를": ("을", "를", "을(를)"),
    "과/와": ("과", "와", "과(와)"),
    "으로/로": ("으로", "로", "(으)로"),
    "이라/라": ("이라", "라", "(이)라"),
    "이나/나": ("이나", "나", "(이)나"),
}

# 영 일 이 삼 사 오 육 칠 팔 구
_DIGIT_FINALS: Sequence[Ending] = (
    "consonant",
    "l",
    "vowel",
    "consonant",
    "vowel",
    "vowel",
    "consonant",
    "l",
    "l",
    "vowel",
)
# 퍼센트, 퍼센트포인트, 도, 플러스
_SIGN_FINALS: dict[str, Ending] = {"%": "vowel", "%p": "vowel", "°": "vowel", "℃": "vowel", "+": "vowel"}
# Letters by name: 엘 알 (l), 엠 엔 (consonant); every other name ends in a vowel.
_LETTER_FINALS: dict[str, Ending] = {"L": "l", "R": "l", "M": "consonant", "N": "consonant"}
# Words by how they are written in Hangul: 이메일, 모바일; 타임, 라인, 마케팅, 앱, 웹, 클릭, 봇;
# every other ending becomes a vowel (골드, 실버, 센터).
_WORD_ENDS_IN_L = re.compile(r"le?$")
_WORD_ENDS_IN_CONSONANT = re.compile(r"([mn]e?|ng|ck|ook|(^|[^aeiou])[aeiou](pp?|bb?|tt?|c|k))$")

_QUOTES = "\"'’”」』》〉.,!?…*_` \u00a0\u2060"
_BRACKETS = ")]}>）"
_TRAILING_PARENTHESES = re.compile(r"[(（\[][^()（）\[\]]*[)）\]]$")
_TRAILING_NUMBER = re.compile(r"\d[\d,]*(\.\d+)?$")
_TRAILING_LATIN = re.compile(r"[A-Za-z]+$")

_FIRST_SYLLABLE, _LAST_SYLLABLE = "가", "힣"
_FINALS_PER_SYLLABLE = 28
_FINAL_RIEUL = 8


def josa(word: str, pair: str) -> str:
    """Attach the particle that fits the end of the word: 서울 with "은/는" is "서울은", NPS is "NPS는".

    Hangul goes by its final consonant, digits and Latin letters by how Koreans read them, a word
    before parentheses by itself. Where the reading is not known both are written, "은(는)". Raises
    CxError for an unknown pair.
    """
    if pair not in _PARTICLES:
        raise CxError(f"There is no particle pair {pair!r}.", nearest(pair, _PARTICLES))
    after_consonant, after_vowel, unknown = _PARTICLES[pair]
    final = _final(word)
    if final is None:
        return word + unknown
    # 서울로, not 서울으로: ㄹ counts as a vowel before 로.
    open_ended = final == "vowel" or (final == "l" and pair == "으로/로")
    return word + (after_vowel if open_ended else after_consonant)


def _final(word: str) -> Ending | None:
    text = unicodedata.normalize("NFC", word).rstrip(_QUOTES)
    text = (_TRAILING_PARENTHESES.sub("", text) or text).rstrip(_QUOTES + _BRACKETS)
    if not text:
        return None
    if _FIRST_SYLLABLE <= text[-1] <= _LAST_SYLLABLE:
        final = (ord(text[-1]) - ord(_FIRST_SYLLABLE)) % _FINALS_PER_SYLLABLE
        return "vowel" if final == 0 else "l" if final == _FINAL_RIEUL else "consonant"
    for sign, reading in _SIGN_FINALS.items():
        if text.endswith(sign):
            return reading
    if found := _TRAILING_NUMBER.search(text):
        return _number_final(found.group())
    if found := _TRAILING_LATIN.search(text):
        return _latin_final(found.group())
    return None


def _number_final(written: str) -> Ending:
    digits = written.replace(",", "")
    zeros = len(digits) - len(digits.rstrip("0"))
    # 십 백 천 만 억 end in a consonant like 영; only a round 조 (12 zeros) ends in a vowel.
    if "." not in digits and 12 <= zeros < min(16, len(digits)):
        return "vowel"
    return _DIGIT_FINALS[int(digits[-1])]


def _latin_final(letters: str) -> Ending:
    if letters.isupper():
        return _LETTER_FINALS.get(letters[-1], "vowel")
    if len(letters) == 1:
        return _LETTER_FINALS.get(letters.upper(), "vowel")
    if _WORD_ENDS_IN_L.search(letters.lower()):
        return "l"
    return "consonant" if _WORD_ENDS_IN_CONSONANT.search(letters.lower()) else "vowel"


_REORDERS = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\U000e0000-\U000e007f]")
"""Signs that turn, hide or glue what stands beside them; the joiner of emoji is none of them."""

_PILED = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff]{3})[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff]+"
)


def legible(text: str) -> str:
    """What a stranger wrote, without signs that turn, hide or overprint other text."""
    spaced = "".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in text)
    return _PILED.sub(r"\1", _REORDERS.sub("", spaced))


def _known(language: Language) -> Language:
    if language not in LANGUAGES:
        raise CxError(f"There is no language called {language!r}.", nearest(language, LANGUAGES))
    return language
