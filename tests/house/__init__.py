"""The rules of the house that a machine can keep; `STYLE.md` says why they are there.

A rule is a function from a source to complaints. Each complaint is a sentence that ends in the
next step, and each rule is shown an offender before it is shown the house.
"""
