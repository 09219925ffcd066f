#include "tools/retail/books.h"

#include <algorithm>
#include <utility>

#include "services/base/check.h"
#include "tools/retail/clock.h"

namespace quartermaster::retail {

int64_t Books::Free(const ItemBooks& books, PlaceIndex place) {
  if (place == kNoPlace) return books.sure_supply - books.possible_taken;
  const auto found = books.places.find(place);
  const At at = found == books.places.end() ? At{} : found->second;
  return at.sure_supply - at.possible_taken - books.floating;
}

void Books::UpdateWatches(ItemBooks& books) {
  for (Watch* watch : books.watches) {
    watch->free_min = std::min(watch->free_min, Free(books, watch->place) + watch->own);
  }
}

void Books::Sweep(ItemBooks& books) {
  const Instant now = WallClock();
  while (!books.sure_ends.empty() && books.sure_ends.begin()->first <= now) {
    books.sure_taken -= books.sure_ends.begin()->second;
    books.sure_ends.erase(books.sure_ends.begin());
  }
  while (!books.possible_ends.empty() && books.possible_ends.begin()->first <= now) {
    books.possible_taken -= books.possible_ends.begin()->second;
    books.floating -= books.possible_ends.begin()->second;
    books.possible_ends.erase(books.possible_ends.begin());
  }
}

void Books::SupplySent(ItemIndex item, int64_t quantity) {
  ItemBooks& books = items_[item];
  MutexLock lock(&books.mutex);
  books.possible_supply += quantity;
}

void Books::SupplyArrived(ItemIndex item, PlaceIndex place, int64_t quantity) {
  ItemBooks& books = items_[item];
  MutexLock lock(&books.mutex);
  books.sure_supply += quantity;
  books.places[place].sure_supply += quantity;
}

void Books::AddPossible(ItemIndex item, PlaceIndex place, int64_t quantity) {
  ItemBooks& books = items_[item];
  MutexLock lock(&books.mutex);
  books.possible_taken += quantity;
  if (place == kNoPlace) {
    books.floating += quantity;
  } else {
    books.places[place].possible_taken += quantity;
  }
  UpdateWatches(books);
}

void Books::AddSure(ItemIndex item, int64_t quantity) {
  ItemBooks& books = items_[item];
  MutexLock lock(&books.mutex);
  Sweep(books);
  books.sure_taken += quantity;
  books.oversold = std::max(books.oversold, books.sure_taken - books.possible_supply);
}

void Books::Expire(ItemIndex item, int64_t quantity, Instant sure_until, Instant possible_until) {
  ItemBooks& books = items_[item];
  MutexLock lock(&books.mutex);
  Sweep(books);
  if (WallClock() < sure_until) {
    books.sure_ends.emplace(sure_until, quantity);
    books.sure_taken += quantity;
    books.oversold = std::max(books.oversold, books.sure_taken - books.possible_supply);
  }
  books.possible_ends.emplace(possible_until, quantity);
}

void Books::StartWatch(ItemIndex item, Watch* watch) {
  ItemBooks& books = items_[item];
  MutexLock lock(&books.mutex);
  Sweep(books);
  watch->free_min = Free(books, watch->place) + watch->own;
  books.watches.push_back(watch);
}

void Books::EndWatch(ItemIndex item, Watch* watch) {
  ItemBooks& books = items_[item];
  MutexLock lock(&books.mutex);
  books.watches.erase(std::find(books.watches.begin(), books.watches.end(), watch));
}

int64_t Books::Oversold() const {
  int64_t sum = 0;
  for (const ItemBooks& books : items_) {
    MutexLock lock(&books.mutex);
    sum += books.oversold;
  }
  return sum;
}

Claim::Claim(Books* books, std::vector<Want> wants, PlaceIndex place, PlaceIndex counts_at,
             const std::vector<Want>& held)
    : books_(books), wants_(std::move(wants)), counts_at_(counts_at), watches_(wants_.size()) {
  for (size_t i = 0; i < wants_.size(); ++i) {
    books_->AddPossible(wants_[i].item, counts_at_, wants_[i].quantity);
    watches_[i].place = place;
    watches_[i].own = wants_[i].quantity;
    for (const Want& want : held) {
      if (want.item == wants_[i].item) watches_[i].own += want.quantity;
    }
    books_->StartWatch(wants_[i].item, &watches_[i]);
  }
}

Claim::~Claim() { QM_CHECK(answered_) << "a claim without an answer"; }

std::vector<bool> Claim::End() {
  QM_CHECK(!answered_) << "answered twice";
  answered_ = true;
  std::vector<bool> free;
  for (size_t i = 0; i < wants_.size(); ++i) {
    books_->EndWatch(wants_[i].item, &watches_[i]);
    free.push_back(watches_[i].free_min >= wants_[i].quantity);
  }
  return free;
}

bool Claim::Refused() {
  const std::vector<bool> free = End();
  for (const Want& want : wants_) books_->AddPossible(want.item, counts_at_, -want.quantity);
  return std::all_of(free.begin(), free.end(), [](bool one) { return one; });
}

int Claim::Granted(const std::vector<Want>& granted, bool certain) {
  const std::vector<bool> free = End();
  int unjustified = 0;
  for (size_t i = 0; i < wants_.size(); ++i) {
    const int64_t missing = wants_[i].quantity - granted[i].quantity;
    if (missing > 0) books_->AddPossible(wants_[i].item, counts_at_, -missing);
    if (missing > 0 && free[i]) ++unjustified;
    if (certain) books_->AddSure(wants_[i].item, granted[i].quantity);
  }
  return unjustified;
}

}  // namespace quartermaster::retail
