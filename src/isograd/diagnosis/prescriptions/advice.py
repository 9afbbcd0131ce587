"""What to do about causes that no remedy of the vocabulary is made for: plain advice, told before the remedies."""

from isograd.facts import Text

IDLE = "detached:idle"
"""Key of the advice where gradients are there and no step moves a weight: nothing is cut, the optimizer is astray."""

EMPTY = "carried"
"""Key of the advice where gradients are never emptied between steps."""

ADVICE: dict[str, tuple[Text, ...]] = {
    "detached": (
        Text(
            "Find what cuts the graph before {where}: .detach(), .data, .item(), torch.no_grad(), argmax or numpy "
            "inside the forward pass, and remove it.",
            "{where}에 이르는 그래프를 끊는 것(.detach(), .data, .item(), torch.no_grad(), 순전파 안의 argmax나 "
            "numpy)을 찾아 없앱니다.",
        ),
    ),
    IDLE: (
        Text(
            "Give the optimizer the parameters that the model computes with, after the model is complete and where it "
            "will run, and a learning rate above zero.",
            "모델이 실제로 계산에 쓰는 매개변수를 옵티마이저에 넘깁니다. 모델을 다 만들고 장치로 옮긴 뒤에 넘기고, "
            "학습률은 0보다 크게 둡니다.",
        ),
    ),
    EMPTY: (
        Text(
            "Empty the gradients before every backward pass, with optimizer.zero_grad(): it is never done, so that "
            "each step repeats all gradients since the first.",
            "역전파 전마다 optimizer.zero_grad()로 기울기를 비웁니다. 지금은 한 번도 비우지 않아 매 스텝이 처음부터의 "
            "모든 기울기를 더해 적용합니다.",
        ),
    ),
    "data": (
        Text(
            "Look at a batch by eye, as the model gets it: are inputs and labels still in step after shuffling, are "
            "labels right, do inputs vary? No change to the network helps until the data can be learned.",
            "모델에 들어가는 배치를 눈으로 확인합니다: 섞은 뒤에도 입력과 레이블이 짝을 이루는지, 레이블이 맞는지, "
            "입력이 서로 다른지 봅니다. 학습할 수 있는 데이터가 되기 전에는 신경망을 바꾸어도 소용이 없습니다.",
        ),
    ),
    "outlier-batch": (
        Text(
            "Look at the batch of that step: are there outlying or corrupt examples in it?",
            "그 스텝의 배치에 이상치나 손상된 샘플이 있는지 살펴봅니다.",
        ),
    ),
    "weight-decay-too-large": (
        Text(
            "Lower weight_decay to 1e-4 or less, and keep biases and normalisation weights out of it.",
            "weight_decay를 1e-4 이하로 낮추고, 편향과 정규화 층의 가중치는 제외합니다.",
        ),
    ),
    "attention-scale": (
        Text(
            "Bring attention scores to a standard deviation of about 1: divide them by math.sqrt(head_size), as "
            "scaled_dot_product_attention does; if they are divided already, initialise query and key weights with "
            "torch.nn.init.xavier_uniform_ and normalise what goes into them.",
            "어텐션 점수의 표준편차를 1 정도로 맞춥니다. scaled_dot_product_attention처럼 점수를 "
            "math.sqrt(head_size)로 나누고, 이미 나누고 있다면 쿼리와 키의 가중치를 "
            "torch.nn.init.xavier_uniform_으로 초기화하고 그 입력을 정규화합니다.",
        ),
    ),
    "loss-reduction": (
        Text(
            "Bring the loss to an ordinary size: reduction='mean' in the loss, and no constant factor before it.",
            "손실을 보통의 크기로 만듭니다: 손실에 reduction='mean'을 쓰고 상수를 곱하지 않습니다.",
        ),
    ),
    "adversary": (
        Text(
            "Use the non-saturating generator loss, BCEWithLogits(discriminator(fake), ones).",
            "비포화 생성자 손실 BCEWithLogits(discriminator(fake), ones)를 씁니다.",
        ),
    ),
}
"""By cause; the sentences may use the field {where}. A cause that is not here is dealt with by its remedies."""
