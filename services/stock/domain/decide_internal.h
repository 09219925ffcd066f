// The parts of decide.cc that have files of their own, by noun: holds (decide_hold.cc), what
// becomes of a reservation (decide_lifecycle.cc), facts and conditions (decide_adjust.cc), counts
// (decide_count.cc), policies (decide_policy.cc), kits (decide_kit.cc), transfers
// (decide_transfer.cc) and supply (decide_supply.cc). Not for use outside.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_DECIDE_INTERNAL_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_DECIDE_INTERNAL_H_

#include "services/stock/domain/decide.h"

namespace quartermaster::stock::internal {

Decision Reject(RejectionKind kind, int line = -1);

Decision DecideReserve(const State& state, const ReserveStock& command, Instant now, int64_t next,
                       Events& events);
Decision DecideUpdate(const State& state, const UpdateReservation& command, Instant now,
                      int64_t next, Events& events);
// Of a confirmation whose hold has expired: holds its lines anew and confirms them.
Decision DecideRehold(const State& state, const ConfirmReservation& command,
                      const Reservation& expired, Instant now, int64_t next, Events& events);

Decision DecideExtend(const State& state, const ExtendReservation& command, Instant now,
                      Events& events);
Decision DecideConfirm(const State& state, const ConfirmReservation& command, Instant now,
                       int64_t next, Events& events);
Decision DecideBind(const State& state, const BindReservation& command, Instant now,
                    Events& events);
Decision DecideRelease(const State& state, const ReleaseReservation& command, Instant now,
                       Events& events);
Decision DecideFulfil(const State& state, const FulfilReservation& command, Instant now,
                      Events& events);
Decision DecideAdjustment(const State& state, const AdjustStock& command, Instant now,
                          Events& events);
Decision DecideStage(const State& state, const StageCount& command, Instant now, Events& events);
Decision DecideChangeCondition(const State& state, const ChangeCondition& command, Events& events);

Decision DecideChannel(const State& state, const SetChannel& command, int64_t next, Events& events);
Decision DecideAllotment(const State& state, const SetAllotment& command, int64_t next,
                         Events& events);
Decision DecidePolicy(const State& state, const SetStockPolicy& command, int64_t next,
                      Events& events);
Decision DecideKit(const State& state, const DefineKit& command, int64_t next, Events& events);

// Of a compare-and-set that finds another version.
std::optional<Decision> RefuseVersion(std::optional<int64_t> expected, int64_t version);

// The lines that are meant: one; of a kit's line all of its parts, or, `of_part`, the one of that
// SKU. None: there is no such line.
std::vector<uint32_t> FindLines(const Reservation& reservation, std::string_view line_id,
                                bool of_part, SkuIndex part);

Decision DecideTransfer(const State& state, const TransferStock& command, Instant now, int64_t next,
                        Events& events);
Decision DecideShip(const State& state, const ShipTransfer& command, Instant now, Events& events);
Decision DecideReceive(const State& state, const ReceiveTransfer& command, Instant now,
                       Events& events);
Decision DecideClose(const State& state, const CloseTransfer& command, Events& events);

Decision DecideExpect(const State& state, const ExpectSupply& command, Events& events);
Decision DecideReceipt(const State& state, const ReceiveSupply& command, Instant now,
                       Events& events);
Decision DecideCancelSupply(const State& state, const CancelSupply& command, Events& events);

}  // namespace quartermaster::stock::internal

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_DECIDE_INTERNAL_H_
