"""The join form's proof of work, solved as a browser would."""

import json

import altcha


def solved(challenge: str) -> str:
    task = altcha.Challenge.from_dict(json.loads(challenge))
    return altcha.Payload(task, altcha.solve_challenge(task)).to_base64()
