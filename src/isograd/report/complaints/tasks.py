"""What is said of a task, its model, its batches and its loss."""

from isograd.facts import Text

TASKS: tuple[Text, ...] = (
    Text(
        "{source} has no {name}; did you mean {near}?",
        "{source}에 {name}[이/가] 없습니다. 혹시 {near}[을/를] 찾으시나요?",
    ),
    Text("{source} has no {name}", "{source}에 {name}[이/가] 없습니다."),
    Text("{name}() of {source} raised {reason}", "{source}의 {name}() 함수에서 오류가 났습니다: {reason}"),
    Text(
        "{path} is no Python file; SPEC is path/to/file.py:name",
        "{path}[은/는] 파이썬 파일이 아닙니다. SPEC은 경로/파일.py:이름입니다.",
    ),
    Text(
        "{path} ended the program while it was loaded; guard it with if __name__ == '__main__'",
        "{path}[을/를] 불러오는 도중 프로그램이 끝났습니다. if __name__ == '__main__': 아래에 넣습니다.",
    ),
    Text(
        "a task wants build, loss, batches and optimizer; the mapping {wrong}",
        "Task에는 build, loss, batches, optimizer가 있어야 합니다. 주어진 매핑: {wrong}",
    ),
    Text(
        "a task must be an isograd.Task or a mapping with its fields; got {got}",
        "isograd.Task 또는 그 필드를 가진 매핑이어야 합니다. 받은 값: {got}",
    ),
    Text(
        "the task's build must be a function that makes a model from a seed; got a model, {got}",
        "Task의 build는 시드를 받아 모델을 만드는 함수여야 합니다. 받은 값은 모델 {got}입니다.",
    ),
    Text("the task's {field} must be a function; got {got}", "Task의 {field}[은/는] 함수여야 합니다. 받은 값: {got}"),
    Text(
        "the task's build(seed) must return a torch.nn.Module; got {got}",
        "Task의 build(seed)는 torch.nn.Module을 반환해야 합니다. 받은 값: {got}",
    ),
    Text(
        "the task's batches(seed) gave no batch; at least one is wanted",
        "Task의 batches(seed)에서 배치가 하나도 나오지 않았습니다. 적어도 하나가 필요합니다.",
    ),
    Text(
        "the task's first batch holds no example: its tensors have the shapes {shapes}",
        "Task의 첫 배치에 샘플이 없습니다. 텐서의 모양은 {shapes}입니다.",
    ),
    Text(
        "the task's optimizer(parameters) must return a torch.optim.Optimizer; got {got}",
        "Task의 optimizer(parameters)는 torch.optim.Optimizer를 반환해야 합니다. 받은 값: {got}",
    ),
    Text(
        "the task's loss(model, batch) raised {reason}",
        "Task의 loss(model, batch)에서 오류가 났습니다: {reason}",
    ),
    Text(
        "the batch is on {batch} and the model on {model}; move one of them, e.g. {move}",
        "배치는 {batch}에, 모델은 {model}에 있습니다. 한쪽을 옮깁니다(예: {move}).",
    ),
    Text(
        "a part of the batch is on {batch} and the model on {model}; move one of them, e.g. {move}",
        "배치의 일부는 {batch}에, 모델은 {model}에 있습니다. 한쪽을 옮깁니다(예: {move}).",
    ),
    Text("the task's {what} raised {reason}", "Task의 {what}에서 오류가 났습니다: {reason}"),
    Text(
        "the loss has no graph that could be read; is it made of more than 200,000 operations?",
        "손실의 그래프를 읽을 수 없습니다. 연산이 200,000개를 넘지 않는지 확인합니다.",
    ),
    Text(
        "the loss does not depend on any parameter of the model; is it detached on the way?",
        "손실이 모델의 어떤 매개변수에도 의존하지 않습니다. 중간에 detach되지 않는지 확인합니다.",
    ),
    Text(
        "the loss has no backward pass: {said}; write that operation out of place, e.g. x = x + y for x += y",
        "손실을 역전파할 수 없습니다: {said}. 그 연산을 제자리(in-place)가 아니게 씁니다(예: x += y 대신 x = x + y).",
    ),
    Text(
        "the loss has no backward pass: {said}; return a fresh one each time",
        "손실을 역전파할 수 없습니다: {said}. 호출할 때마다 새로 계산한 손실을 반환합니다.",
    ),
    Text(
        "the loss must be a scalar tensor; got one of shape {shape}: reduce it",
        "손실은 스칼라 텐서여야 합니다. 받은 텐서의 모양은 {shape}입니다. 평균이나 합으로 줄입니다.",
    ),
    Text("the loss must be a scalar tensor; got {got}", "손실은 스칼라 텐서여야 합니다. 받은 값: {got}"),
    Text(
        "the loss must be a real number; got {got}: take its absolute value",
        "손실은 실수여야 합니다. 받은 자료형은 {got}입니다. 절댓값을 취합니다.",
    ),
    Text(
        "the model has no parameter that requires a gradient: there is nothing to measure",
        "모델에 기울기를 계산할 매개변수가 없어 측정할 것이 없습니다.",
    ),
    Text(
        "{minutes} minutes do not last for the unchanged training alone; give more, or fewer --steps",
        "{minutes}분은 학습을 그대로 한 번 하기에도 모자랍니다. 시간을 늘리거나 --steps를 줄입니다.",
    ),
    Text(
        "remedies must be of the vocabulary, such as init:he; got {got}",
        "해결 방안은 init:he처럼 정해진 이름이어야 합니다. 받은 값: {got}",
    ),
    Text("a proof wants at least 2 seeds; got {got}", "증명에는 시드가 2개 이상 필요합니다. 받은 값: {got}"),
)
"""Forms; see `known_sentences.translated` for how one fits."""
