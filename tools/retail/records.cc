#include "tools/retail/records.h"

namespace quartermaster::retail {

void Records::Finish(int32_t index) {
  MutexLock lock(&mutex_);
  finished_[index] = true;
  one_finished_.NotifyAll();
}

void Records::AwaitFinished(int32_t index) {
  MutexLock lock(&mutex_);
  while (!finished_[index]) one_finished_.Wait(&mutex_);
}

void Records::AddHold(HoldRecord hold) {
  MutexLock lock(&mutex_);
  holds_.push_back(std::move(hold));
}

void Records::AddReturn(ReturnRecord record) {
  MutexLock lock(&mutex_);
  returns_.push_back(std::move(record));
}

void Records::AddAtKey(ItemIndex item, PlaceIndex place, int64_t KeyRecord::*field,
                       int64_t quantity) {
  MutexLock lock(&mutex_);
  keys_[{item, place}].*field += quantity;
}

void Shelves::Add(ItemIndex item, PlaceIndex place, int64_t quantity) {
  MutexLock lock(&mutex_);
  units_[{item, place}] += quantity;
}

bool Shelves::Take(ItemIndex item, PlaceIndex place, int64_t quantity) {
  MutexLock lock(&mutex_);
  const auto found = units_.find({item, place});
  if (found == units_.end() || found->second < quantity) return false;
  found->second -= quantity;
  return true;
}

}  // namespace quartermaster::retail
