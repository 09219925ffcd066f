#include <array>
#include <utility>

#include "tools/qm/client/error_report.h"

namespace quartermaster::qm {
namespace {

using Step = std::pair<std::string_view, std::string_view>;

constexpr auto kSteps = std::to_array<Step>({
    {"INVALID_FIELD", "Correct the named field; nothing was recorded."},
    {"REQUEST_ID_REUSED", "Use a new --request-id for a new request."},
    {"OVERLOADED", "Try again after the delay, with the same --request-id."},
    {"DEADLINE_PASSED", "It had no effect. Try again, with a longer --timeout."},
    {"NOT_SERVING", "Try again in a moment, with the same --request-id."},
    {"PEER_UNAVAILABLE", "Try again in a moment, with the same --request-id."},
    {"REQUEST_TOO_LARGE", "It had no effect. Ask in parts: fewer lines, fewer facts at once."},
    {"INTERNAL_DEFECT", "A defect of Quartermaster: see the server's log, and report it."},
    {"ITEM_NOT_FOUND", "Check the SKU, or register the item: qm import items FILE."},
    {"LOCATION_NOT_FOUND", "Check the location, or register it: qm import locations FILE."},
    {"POOL_NOT_FOUND", "Check the pool, or name one: qm pool set POOL LOCATION..."},
    {"CHANNEL_NOT_FOUND", "Check the channel, or name one: qm channel set CHANNEL POOL."},
    {"KIT_NOT_FOUND", "Check the SKU, or say what it consists of: qm kit define SKU PART:COUNT..."},
    {"KIT_INVALID", "Take out what is in the way, at whatever tier: qm kit get SKU."},
    {"SKU_HAS_STOCK", "Adjust it to 0 and end its reservations, or name another SKU the kit."},
    {"KIT_HAS_NO_STOCK", "Name the kit's components instead: qm kit get SKU."},
    {"GROUP_TORN_APART", "Name all lines that must be at one location, with the same places."},
    {"RESERVATION_NOT_FOUND", "Check the id: qm reservation list."},
    {"ORDER_NOT_FOUND", "Check the id: qm order list."},
    {"TASK_NOT_FOUND", "Check the id: qm task list."},
    {"RETURN_NOT_FOUND", "Check the return's id, or receive the goods by --order."},
    {"DECISION_NOT_FOUND", "Name an attempt that the order has had, or leave --attempt out."},
    {"EXCEPTION_NOT_FOUND", "Check the id: qm exceptions list."},
    {"LINE_NOT_FOUND", "Check the line id against the reservation, order or task."},
    {"SUBJECT_NOT_FOUND", "The personal data was never stored, or has been erased."},
    {"INSUFFICIENT_STOCK", "Ask for what is available, or for another place."},
    {"CAP_EXCEEDED", "Ask for what is left, or see the cap: qm channel allotment CHANNEL SKU."},
    {"CUSTOMER_CAP_EXCEEDED", "Ask for what the customer may still have."},
    {"RESERVATION_EXPIRED", "Its units went back: reserve again."},
    {"RESERVATION_RELEASED", "Its units went back: reserve again."},
    {"RESERVATION_REPLACED", "Use the owner's newer hold: qm reservation list --owner OWNER."},
    {"RESERVATION_ALREADY_CONFIRMED", "Nothing to do: it does not expire any more."},
    {"RESERVATION_FULFILLED", "Nothing to do: all of its units have left."},
    {"QUANTITY_EXCEEDS_OPEN", "Name at most what the line still has open."},
    {"EXPECTATION_FAILED", "Read the actual value, and set it from there."},
    {"EFFECT_KEY_REUSED", "The key belongs to another effect: use its own."},
    {"LOCATION_NOT_ELIGIBLE", "Choose another location, or resume this one."},
    {"ITEM_NOT_ELIGIBLE", "Take the line out: the catalog says how its item may be sold."},
    {"NO_PLAN", "Take the short lines out, ask for less, or choose another method."},
    {"SOURCE_NOT_FOUND", "Check the source: qm stock reconcile lists them."},
    {"COUNT_NOT_FOUND", "Check the count's id: qm stock count apply prints it."},
    {"MESSAGE_REUSED", "The source has used this message id: give the correction its own."},
    {"COUNT_REUSED", "The count came before with other content: use a new --count-id."},
    {"TOO_MANY_COUNTS", "Finish a count that is being staged: run its command again."},
    {"COUNT_ABANDONED", "It was given up unfinished: count again, with a new --count-id."},
    {"SUPPLY_NOT_FOUND", "Tell of it (qm supply expect), or say the item and the location."},
    {"SUPPLY_REUSED", "Give what has changed a higher --revision."},
    {"PARCEL_NOT_FOUND", "Look at the order's parcels: qm order get."},
    {"HOLD_NOT_FOUND", "Look at the order's holds: qm order get."},
    {"GROUP_NOT_FOUND", "Look at the order's groups: qm order get."},
    {"INTENT_NOT_FOUND", "Look at the order's intents: qm payment intents --order ORDER."},
    {"CURRENCY_MISMATCH", "Give the amount in the order's currency: qm order get."},
    {"TOO_MANY_PAYMENTS", "See what tells so much of this order's payments."},
    {"ORDER_ON_HOLD", "Wait until its holds have ended, or end them: qm order release-hold."},
    {"TRANSFER_NOT_FOUND", "Ask for it (qm transfer request), or say --from and --to."},
    {"TRANSFER_REUSED", "Use another id for another transfer; qm transfer get shows this one."},
    {"COUNT_TOO_OLD", "Too much has happened since it was taken: count again."},
    {"QUANTITY_EXCEEDS_CONDITION", "Move at most what is in that condition: qm stock get."},
    {"ILLEGAL_TRANSITION", "Look at its state: it no longer allows this."},
    {"PICKUP_CODE_WRONG", "Ask the customer for the code again."},
    {"QUANTITY_EXCEEDS_SOLD", "Return at most what was sold and has not come back."},
    {"EXTERNAL_ID_REUSED", "The channel has this order already: qm order list --external-id ID."},
    {"HOLD_TOO_SHORT", "Extend the hold, or place the order without it."},
    {"ETAG_MISMATCH", "It has changed: read it again."},
    {"PICKUP_CODE_LOCKED", "Too many wrong codes: wait a few minutes."},
    {"POSITION_OUT_OF_RANGE", "Name a position between 1 and the head: qm status."},
    {"READER_TOO_SLOW", "Go on from the position in `resume`."},
    {"PAGE_TOKEN_INVALID", "Start again from the first page."},
    {"PARTITION_FENCED", "Another process owns the partition now: this one has stopped."},
    {"PARTITION_NOT_FOUND", "The log has no such partition: qm status lists them."},
    {"LOG_DAMAGED", "Restore the log from a backup: its directory is damaged."},
    {"LOG_FAILED", "See the log's own log lines; mend its disk, then start it again."},
    {"UNIMPLEMENTED", "This server does not serve that part: see --address and qm status."},
});

}  // namespace

std::string_view NextStep(std::string_view reason) {
  for (const auto& [name, step] : kSteps) {
    if (name == reason) return step;
  }
  return {};
}

}  // namespace quartermaster::qm
