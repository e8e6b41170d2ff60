"""A department's first event and first figure.

Opens a log where it is missing, publishes a unit and an item, posts the life of one case, posts it again to show that this is
safe, reads the case back, and asks for a figure that already counts it.

XIAOER_SERVER names the server, XIAOER_LOG_NAME the log. Every id follows from what it names, so a second run posts the same
events and is given the first receipts. examples/python/run sets up what is imported here.
"""

import os
import sys
import time
import uuid

import grpc
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from xiaoer.v1 import (
    admin_pb2,
    admin_pb2_grpc,
    audit_pb2,
    audit_pb2_grpc,
    case_pb2,
    common_pb2,
    event_pb2,
    metrics_pb2,
    metrics_pb2_grpc,
    posting_pb2,
    posting_pb2_grpc,
    registry_pb2,
)

SERVER = os.environ.get("XIAOER_SERVER", "http://127.0.0.1:50051")
LOG = os.environ.get("XIAOER_LOG_NAME", "first-steps")

# Invented numbers; no register gives them out.
UNIT = "11370306XXXX00019K"
ITEM = "FIRST-STEPS-001"
SYSTEM = "hall"  # the sending system: half of every event's identity
CASE = "20250421-0001"

# One deadline for each call. A post whose answer is late is not lost: it is sent again. This program gives up after six seconds,
# so that a wrong address is noticed; a department's sender keeps the event and goes on for ever.
DEADLINE_S = 10
TRIES_MAX = 6
WAIT_FIRST_S = 0.2
RETRIED = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.DEADLINE_EXCEEDED}


def event(subject, at, seq=None, unit=UNIT, **fact):
    """One fact on a stream.

    The id is worked out from what the fact is, so that it is the same at every attempt. A system that keeps an outbox draws a
    UUID of version 7 when the fact happens, and stores it there with the fact.
    """
    name = "/".join([LOG, *subject, *fact])
    when = Timestamp()
    when.FromJsonString(at)
    kind, system, number = subject
    return event_pb2.Event(
        event_id=str(uuid.uuid5(uuid.NAMESPACE_URL, name)),
        subject=common_pb2.Subject(kind=kind, system=system, id=number),
        occurred_at=when,
        source=event_pb2.Source(system=SYSTEM, unit_usci=unit, staff_id="ZC0001"),
        source_seq=seq,
        **fact,
    )


def working_days(n):
    return common_pb2.Limit(n=n, unit=common_pb2.LIMIT_UNIT_WORKING_DAY)


def registry():
    """What the case refers to. An item's limits are the only source of a due date."""
    # `from` is a word of Python, so this field is given by its name.
    since = {"from": "2025-01-01"}
    unit = registry_pb2.UnitRegistered(name="示例局", kind=registry_pb2.UNIT_KIND_DEPARTMENT, level=4, **since)
    item = registry_pb2.ItemVersionPublished(
        version="1",
        name="示例许可",
        item_type=registry_pb2.ITEM_TYPE_PERMIT,
        lead_usci=UNIT,
        online=True,
        promised_limit=working_days(8),
        statutory_limit=working_days(20),
        deemed_acceptance=True,
        visit_limit=0,
        in_force_from="2025-01-01",
    )
    yield event(("unit", SYSTEM, UNIT), "2025-01-01T09:00:00+08:00", unit_registered=unit)
    yield event(("item", SYSTEM, ITEM), "2025-01-01T09:00:00+08:00", item_version_published=item)


def case_life():
    """A case that is decided in time.

    Day 0 is 21 April. Sunday 27 April is a working day (调休), so the 8 working days promised end on 30 April.
    """
    case = ("case", SYSTEM, CASE)
    # The applicant is a reference into the department's own vault; a name never stands in an event.
    applicant = case_pb2.Applicant(ref="applicant-7f3a", kind=case_pb2.APPLICANT_KIND_NATURAL_PERSON)
    received = case_pb2.CaseReceived(item_code=ITEM, item_version="1", applicant=applicant, channel=common_pb2.CHANNEL_ONLINE)
    accepted = case_pb2.CaseAccepted(mode=case_pb2.ACCEPTANCE_MODE_NORMAL, promised_due="2025-04-30")
    decided = case_pb2.CaseDecided(result=case_pb2.DECISION_RESULT_PASS, doc_no="示许〔2025〕1号")
    delivered = case_pb2.ResultDelivered(how=case_pb2.DELIVERY_MEANS_ELECTRONIC)
    yield event(case, "2025-04-21T10:12:00+08:00", 1, case_received=received)
    yield event(case, "2025-04-21T15:40:00+08:00", 2, case_accepted=accepted)
    yield event(case, "2025-04-23T09:30:00+08:00", 3, review_step_done=case_pb2.ReviewStepDone(step="review"))
    yield event(case, "2025-04-28T16:05:00+08:00", 4, case_decided=decided)
    yield event(case, "2025-04-29T09:00:00+08:00", 5, case_completed=case_pb2.CaseCompleted())
    yield event(case, "2025-04-29T09:10:00+08:00", 6, result_issued=case_pb2.ResultIssued(cert_no="SL-2025-0001"))
    yield event(case, "2025-04-29T09:11:00+08:00", 7, result_delivered=delivered)


def retried(call, request):
    """Sends until there is an answer. The same event with the same id is recorded once, so a lost answer costs nothing."""
    wait = WAIT_FIRST_S
    for attempt in range(1, TRIES_MAX + 1):
        try:
            return call(request, timeout=DEADLINE_S)
        except grpc.RpcError as error:
            if error.code() not in RETRIED or attempt == TRIES_MAX:
                raise
            time.sleep(wait)
            wait *= 2


def post(posting, *events):
    """Posts one event, or several of one stream as a list that is recorded whole or not at all."""
    return retried(posting.Post, posting_pb2.PostRequest(log=LOG, events=events)).receipts


def refusal_text(error):
    """What a refused call says: the code, the field or rule, the remedy. None where it was no refusal."""
    status = rpc_status.from_call(error)
    info = error_details_pb2.ErrorInfo()
    for detail in status.details if status else ():
        if detail.Unpack(info):
            about = info.metadata.get("rule") or info.metadata.get("field")
            return f"{info.reason} ({about}): {info.metadata.get('remedy')} See docs/errors/{info.reason}.md."
    return None


def show_posts(posting):
    """Posts the case twice; gives the position of the last receipt."""
    position = 0
    for attempt in ("first", "again"):
        for fact in case_life():
            (receipt,) = post(posting, fact)
            position = max(position, receipt.position)
            flags = ", ".join(receipt.flags) or "-"
            print(f"{attempt:<6} {fact.WhichOneof('fact'):<17} position {receipt.position:>3} revision {receipt.revision} "
                  f"duplicate={str(receipt.duplicate).lower()} flags: {flags}")
            if attempt == "again" and not receipt.duplicate:
                sys.exit("a repeated event was recorded twice")
    return position


def show_refusal(posting):
    """Asks what posting a second decision would do; `Check` records nothing."""
    case = ("case", SYSTEM, CASE)
    decided = case_pb2.CaseDecided(result=case_pb2.DECISION_RESULT_REFUSED, doc_no="示许〔2025〕2号")
    second = event(case, "2025-04-29T10:00:00+08:00", 8, case_decided=decided)
    # Another fact, so another id: with the first one's id this would be XE-IDENTITY-REUSED.
    second.event_id = str(uuid.uuid5(uuid.NAMESPACE_URL, second.event_id))
    answer = retried(posting.Check, posting_pb2.PostRequest(log=LOG, events=[second]))
    refusal = answer.would_refuse
    print(f"a second decision would be refused: {refusal.code} ({refusal.rule}). {refusal.remedy}")


def show_case(audit, position):
    """Reads the case as it stood on two days; `at_least` makes the answer hold what was posted just now."""
    subject = common_pb2.Subject(kind="case", system=SYSTEM, id=CASE)
    for day in ("2025-04-25", "2025-04-30"):
        request = audit_pb2.GetStateRequest(log=LOG, subject=subject, valid_on=day, at_least=position)
        state = retried(audit.GetState, request).state
        print(f"on {day}: {state.state} {state.state_zh}")
        for clock in state.case.clocks:
            print(f"  {clock.clock} {clock.state}, {clock.used_wd} of {clock.budget.n} working days used, due {clock.due_on}")


def show_figure(metrics, audit, position):
    """Asks for a figure of April, and for the members behind it."""
    scope = metrics_pb2.MetricScope(
        logs=[LOG],
        where=[metrics_pb2.Dimension(name="item", value=ITEM)],
        period=metrics_pb2.Period(to="2025-04-30", **{"from": "2025-04-01"}),
        at_least=[common_pb2.LogPosition(log=LOG, position=position)],
    )
    value = retried(metrics.GetMetric, metrics_pb2.GetMetricRequest(metric_id="on_time_rate_promised", scope=scope))
    share = f"{value.value:.0%}" if value.HasField("value") else "null"
    print(f"on_time_rate_promised of April 2025: {share} ({value.numerator}/{value.denominator}), "
          f"unknown {value.unknown}, excluded {value.excluded}, reflects position {value.positions[0].position}")
    for member in audit.ExplainMetric(audit_pb2.ExplainMetricRequest(metric_id=value.metric_id, scope=scope), timeout=DEADLINE_S):
        print(f"  {member.subject.kind}/{member.subject.system}/{member.subject.id}: {member.why} on {member.counts_on}, "
              f"because of positions {list(member.positions)}")


def main():
    # The server is reached directly: a proxy for web pages, where the environment names one, does not know it.
    target = SERVER.removeprefix("http://").rstrip("/")
    with grpc.insecure_channel(target, options=[("grpc.enable_http_proxy", 0)]) as channel:
        admin, posting = admin_pb2_grpc.AdminServiceStub(channel), posting_pb2_grpc.PostingServiceStub(channel)
        audit, metrics = audit_pb2_grpc.AuditServiceStub(channel), metrics_pb2_grpc.MetricsServiceStub(channel)
        opened = retried(admin.OpenLog, admin_pb2.OpenLogRequest(log=LOG))
        print(f"log {LOG} {'was there' if opened.existed else 'opened'}")
        for fact in registry():
            post(posting, fact)
        position = show_posts(posting)
        show_refusal(posting)
        show_case(audit, position)
        show_figure(metrics, audit, position)


if __name__ == "__main__":
    try:
        main()
    except grpc.RpcError as error:
        sys.exit(refusal_text(error) or f"{error.code().name}: {error.details()}")
