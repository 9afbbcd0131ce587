"""The words of a verdict, on a terminal and on a page."""

from collections.abc import Mapping
from types import MappingProxyType

from isograd.facts import Language, Text
from isograd.report.language import render

VERDICT_TEXTS: Mapping[str, Text] = MappingProxyType(
    {
        # Outcomes
        "cured": Text("cured", "치료됨"),
        "not-cured": Text("not cured", "치료되지 않음"),
        "no-remedy-needed": Text("no remedy needed", "처방이 필요 없음"),
        "not-a-gradient-problem": Text("not a gradient problem", "기울기 문제가 아님"),
        "unknown": Text("no verdict", "판정할 수 없음"),
        "interrupted": Text("broken off, nothing proved", "중단됨, 증명된 것 없음"),
        "one_training": Text("1 training in {time}", "{time} 동안 학습 1회"),
        "trainings": Text("{count} trainings in {time}", "{time} 동안 학습 {count}회"),
        "each": Text("one of {steps} steps takes {time}", "{steps}스텝 학습 1회에 {time}"),
        # Rows
        "problem": Text("problem", "문제"),
        "remedy": Text("remedy", "처방"),
        "best": Text("best seen", "최선의 처방"),
        "mechanism": Text("gradient", "기울기"),
        "metric": Text("judged by", "평가 기준"),
        "effect": Text("effect", "효과"),
        "limits": Text("but", "단서"),
        "why_not": Text("why not", "이유"),
        "why": Text("why", "이유"),
        "do": Text("do", "할 일"),
        "write": Text("apply it", "적용"),
        "report": Text("report", "보고서"),
        # Sentences
        "gain": Text("gain {before} {arrow} {after} decades", "이득 {before}자릿수 {arrow} {after}자릿수"),
        "gain_and": Text("{gain}; {gone}", "{gain}, {gone}"),
        "gone": Text("the finding is gone in {well} of {all} runs", "{all}회 중 {well}회에서 문제가 사라짐"),
        "effect_from_to": Text("{before} {arrow} {after}, {effect}", "{before} {arrow} {after}, {effect}"),
        "better": Text(
            "better by {mean} (95 % interval {low} to {high}, {seeds} seeds)",
            "{mean}만큼 나아짐 (95% 신뢰구간 {low}~{high}, 시드 {seeds}개)",
        ),
        "not_clear": Text(
            "not clearly better: {mean} (95 % interval {low} to {high}, {seeds} seeds)",
            "나아졌다고 하기 어려움: {mean} (95% 신뢰구간 {low}~{high}, 시드 {seeds}개)",
        ),
        "no_better": Text(
            "no better: {mean} (95 % interval {low} to {high}, {seeds} seeds)",
            "나아지지 않음: {mean} (95% 신뢰구간 {low}~{high}, 시드 {seeds}개)",
        ),
        "decades": Text("{mean} decades", "{mean}자릿수"),
        "interval": Text("{mean} ({low} to {high})", "{mean} ({low}~{high})"),
        "no_number": Text("no number", "값 없음"),
        "of_so_many": Text("{mean} ({known} of {all})", "{mean} ({all}회 중 {known}회)"),
        "of_which": Text("{mean} ({count} of {all} left none)", "{mean} ({all}회 중 {count}회는 값 없음)"),
        "printed": Text("what the script prints, {pattern}", "스크립트 출력의 {pattern}"),
        "evaluate": Text("the task's own evaluate()", "과제의 evaluate()"),
        "evaluation-loss": Text("loss of the script's own evaluation passes", "스크립트가 스스로 하는 평가의 손실"),
        "training-loss": Text(
            "training loss at the end of runs made after the choice", "처방을 고른 뒤에 한 학습의 마지막 학습 손실"
        ),
        "higher": Text("{metric} (higher is better)", "{metric} (높을수록 좋음)"),
        "lower": Text("{metric} (lower is better)", "{metric} (낮을수록 좋음)"),
        "held_out": Text(
            "{metric}; it and its {seeds} seeds had no part in the choice of the remedy",
            "{metric}. 이 기준과 시드 {seeds}개는 처방을 고르는 데 쓰지 않음",
        ),
        "printed_instead": Text(
            "{said} (--metric REGEX judges by what the program prints)",
            "{said} (--metric 정규식을 주면 프로그램이 출력하는 값으로 판정함)",
        ),
        "critical": Text("Critical initialisation for {activation}", "{activation}에 맞춘 임계 초기화"),
        "bound_share": Text("clipping bound on {share} of the steps", "전체 스텝의 {share}에서 클리핑이 작동함"),
        "left_out_share": Text(
            "{share} of the steps were left out: their gradients were not finite",
            "기울기가 유한하지 않은 {share}의 스텝은 건너뜀",
        ),
        "raised_share": Text(
            "the script's own limit was raised on {share} of the steps", "스크립트의 한계를 {share}의 스텝에서 높임"
        ),
        # The change in the source
        "patch": Text("The change in your source", "소스에서 바꿀 곳"),
        "by_hand": Text("To add by hand", "직접 추가할 코드"),
        "verified": Text(
            "the patched source, run without isograd, trains to the same bits",
            "고친 소스를 isograd 없이 실행해도 비트까지 같은 결과가 나옵니다",
        ),
        "unverified": Text(
            "the patched source does not train to the same bits as the treated run: read it before you use it",
            "고친 소스의 결과가 처방한 실행과 비트까지 같지는 않습니다. 쓰기 전에 살펴보십시오",
        ),
        "not_run": Text(
            "the patched source was not run by itself: read it before you use it",
            "고친 소스를 따로 실행해 보지는 않았습니다. 쓰기 전에 살펴보십시오",
        ),
        "apply_page": Text("To write it into your source:", "소스에 적용하는 명령:"),
        "added": Text("Lines that begin with + are added, those with - removed", "+로 시작하는 줄은 추가, -는 삭제"),
        # The table of what was tried
        "tried_title": Text("What was tried", "시도한 처방"),
        "plan": Text("Remedy", "처방"),
        "expected": Text("Forecast", "예측"),
        "measured": Text("One batch", "배치 하나"),
        "loss": Text("Loss", "손실"),
        "steps": Text("Steps", "스텝"),
        "note": Text("Note", "비고"),
        "tried_caption": Text(
            "Gain in decades as forecast and as measured on one batch before any training; then the training loss at "
            "the end of short runs, on which the choice rests. The proof rests on other runs and on another metric.",
            "이득(자릿수)의 예측값과 학습 전 배치 하나에서 잰 값, 그리고 짧은 학습이 끝났을 때의 학습 손실입니다. 이 "
            "손실로 처방을 고르고, 증명은 다른 학습과 다른 기준으로 합니다.",
        ),
        # The proof
        "verdict_title": Text("The verdict", "판정"),
        "proof_title": Text("The proof", "증명"),
        "proof_caption": Text(
            "Each way of training over the same seeds, data order and number of steps.",
            "같은 시드, 같은 데이터 순서, 같은 스텝 수로 비교한 결과입니다.",
        ),
        "arm": Text("Training", "학습"),
        "baseline": Text("unchanged", "그대로"),
        "treated": Text("with the remedy", "처방 적용"),
        "sham": Text("sham change", "가짜 처방"),
        "reseed": Text("new seed", "새 시드"),
        "values": Text("By seed", "시드별 결과"),
        "mean": Text("Mean", "평균"),
        "end_gain": Text("Gain", "이득"),
        "sick": Text("Problem in", "문제 남음"),
        "in_runs": Text("{count} of {all}", "{all}회 중 {count}회"),
        "better_by": Text("Remedy is better by", "처방이 나은 정도"),
        "better_by_decades": Text("Remedy is better by, decades", "처방이 나은 정도(자릿수)"),
        "seeds_title": Text("The metric, seed by seed", "시드별 평가 결과"),
        "seeds_caption": Text(
            "A mark a training; the upright line is the mean. Thin lines join the two trainings of one seed. The new "
            "seed is no further training: each treated run is held against the unchanged one of the next seed.",
            "표식 하나가 학습 1회이고 세로선은 평균입니다. 가는 선은 시드가 같은 두 학습을 잇습니다. 새 시드와의 "
            "비교는 따로 학습하지 않고 다음 시드의 그대로 한 학습과 견줍니다.",
        ),
        "seeds_missing": Text(
            "A cross at the edge: a training that left no number.", "가장자리의 ×는 값이 남지 않은 학습입니다."
        ),
        # The page
        "kicker": Text("Cure report", "치료 보고서"),
        "of_unchanged": Text("What was wrong: findings in the unchanged training", "그대로 한 학습의 진단 결과"),
        "cured_by": Text(
            "{problem}. Remedy: {remedy}. The metric is {effect}.", "{problem}. 처방: {remedy}. 평가 결과: {effect}."
        ),
        "refused": Text(
            "{problem}. Best remedy seen: {remedy}. The metric is {effect}.",
            "{problem}. 최선의 처방: {remedy}. 평가 결과: {effect}.",
        ),
        "nothing_helped": Text("{problem}. No remedy restored it.", "{problem}. 회복시킨 처방이 없습니다."),
        "left_alone": Text(
            "The training is healthy as it is and was left alone.", "학습이 정상이므로 아무것도 바꾸지 않았습니다."
        ),
        "unseen": Text(
            "Too little was seen of the training to say whether anything is wrong with it.",
            "관찰한 것이 부족하여 학습에 문제가 있는지 판정할 수 없습니다.",
        ),
        "elsewhere": Text(
            "Gradients are not what is wrong with this training ({problem}).",
            "이 학습의 문제({problem})는 기울기에 있지 않습니다.",
        ),
        "so_far": Text("Nothing is proved. Best so far: {remedy}.", "증명된 것은 없습니다. 지금까지 최선: {remedy}."),
        "nothing_yet": Text("Nothing is proved.", "증명된 것은 없습니다."),
        "gain_figure": Text("Gain at the end", "학습 끝의 이득"),
        "metric_figure": Text("Metric", "평가 기준"),
        "effect_figure": Text("Better by", "나아진 정도"),
        "effect_note": Text("95 % interval {low} to {high}", "95% 신뢰구간 {low}~{high}"),
        "trainings_figure": Text("Trainings", "학습 횟수"),
        "in_time": Text("in {time}", "{time} 동안"),
    }
)
"""Each by its name."""


def word(name: str, language: Language, **values: object) -> str:
    """One of `VERDICT_TEXTS` with its fields filled in.

    >>> word("trainings", "en", count=21, time="2 min")
    '21 trainings in 2 min'
    """
    text = VERDICT_TEXTS[name]
    return render(Text(text.en, text.ko, values), language)
