#include "services/stock/app/ledger_rows.h"

#include "services/base/big_endian.h"
#include "services/base/varint.h"

namespace quartermaster::stock {
namespace {

// Zigzag and base 128, as protobuf's sint64.
void AppendVarint(int64_t value, std::string& bytes) {
  const uint64_t zigzag = static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63);
  char varint[kVarintBytesMax<uint64_t>];
  bytes.append(varint, PutVarint(varint, zigzag));
}

bool TakeVarint(std::string_view& bytes, int64_t& value) {
  uint64_t result = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (bytes.empty()) return false;
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    result |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) {
      value = static_cast<int64_t>(result >> 1 ^ (~(result & 1) + 1));
      return true;
    }
  }
  return false;
}

void AppendBalances(const Balances& p, std::string& bytes) {
  AppendVarint(p.on_hand.units(), bytes);
  AppendVarint(p.reserved.units(), bytes);
  AppendVarint(p.allocated.units(), bytes);
  AppendVarint(p.unusable.units(), bytes);
}

bool TakeQuantity(std::string_view& bytes, Quantity& quantity) {
  int64_t units = 0;
  if (!TakeVarint(bytes, units)) return false;
  quantity = Quantity(units);
  return true;
}

bool TakeBalances(std::string_view& bytes, Balances& p) {
  return TakeQuantity(bytes, p.on_hand) && TakeQuantity(bytes, p.reserved) &&
         TakeQuantity(bytes, p.allocated) && TakeQuantity(bytes, p.unusable);
}

std::string PositionRowKey(char kind, SkuIndex sku, LocationIndex location,
                           storage::Position record, int sequence) {
  std::string key(1, kind);
  AppendBigEndian(static_cast<uint32_t>(sku), key);
  AppendBigEndian(static_cast<uint32_t>(location), key);
  AppendBigEndian(record, key);
  AppendBigEndian(static_cast<uint32_t>(sequence), key);
  return key;
}

}  // namespace

std::string MovementKey(SkuIndex sku, LocationIndex location, storage::Position record,
                        int sequence) {
  return PositionRowKey('m', sku, location, record, sequence);
}

std::string ConditionKey(SkuIndex sku, LocationIndex location, storage::Position record,
                         int sequence) {
  return PositionRowKey('c', sku, location, record, sequence);
}

std::string EncodeConditions(const ConditionCounts& counts) {
  std::string bytes;
  for (const Condition condition : kUnusableConditions) {
    AppendVarint(counts.of(condition).units(), bytes);
  }
  return bytes;
}

bool DecodeConditions(std::string_view value, ConditionCounts& counts) {
  for (const Condition condition : kUnusableConditions) {
    if (!TakeQuantity(value, counts.of(condition))) return false;
  }
  return value.empty();
}

storage::Position RecordOfMovementKey(std::string_view key) {
  return LoadBigEndian64(key.substr(1 + 4 + 4));
}

std::string EncodeMovement(const Change& change, Instant time) {
  std::string bytes;
  AppendVarint(time.unix_us, bytes);
  AppendVarint(static_cast<int64_t>(change.kind), bytes);
  AppendVarint(static_cast<int64_t>(change.from), bytes);
  AppendVarint(static_cast<int64_t>(change.to), bytes);
  AppendVarint(change.moved.units(), bytes);
  AppendVarint(change.in_transit.units(), bytes);
  AppendVarint(static_cast<int64_t>(change.reservation), bytes);
  AppendVarint(change.flexible ? 1 : 0, bytes);
  AppendBalances(change.delta, bytes);
  AppendBalances(change.after, bytes);
  return bytes;
}

bool DecodeMovement(std::string_view value, Change& change, Instant& time) {
  int64_t kind = 0;
  int64_t from = 0;
  int64_t to = 0;
  int64_t reservation = 0;
  int64_t flexible = 0;
  const bool parsed = TakeVarint(value, time.unix_us) && TakeVarint(value, kind) &&
                      TakeVarint(value, from) && TakeVarint(value, to) &&
                      TakeQuantity(value, change.moved) && TakeQuantity(value, change.in_transit) &&
                      TakeVarint(value, reservation) && TakeVarint(value, flexible) &&
                      TakeBalances(value, change.delta) && TakeBalances(value, change.after) &&
                      value.empty();
  change.kind = static_cast<ChangeKind>(kind);
  change.from = static_cast<Condition>(from);
  change.to = static_cast<Condition>(to);
  change.reservation = static_cast<ReservationId>(reservation);
  change.flexible = flexible != 0;
  return parsed;
}

std::string ReservationKey(ReservationId id) {
  std::string key = "r";
  AppendBigEndian(static_cast<int64_t>(id), key);
  return key;
}

std::string EndOfReservationKeys() { return "s"; }

std::string OnceRowKey(std::string_view key) {
  std::string row = "o";
  row.append(key);
  return row;
}

std::string EndOfOnceRowKeys() { return "p"; }

std::string TimeKey(Instant time) {
  std::string key = "t";
  AppendBigEndian(time.unix_us, key);
  return key;
}

std::string EncodePosition(storage::Position position) {
  std::string bytes;
  AppendBigEndian(position, bytes);
  return bytes;
}

storage::Position DecodePosition(std::string_view value) { return LoadBigEndian64(value); }

}  // namespace quartermaster::stock
