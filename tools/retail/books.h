// What the clients can know of online stock from their own calls: bounds, never guesses.
//
// Between sending a request and its answer nobody but the server knows whether it has had its
// effect. So each item has two sums of what is taken: what certainly is (counted from the answer
// until before anything is sent that may give it back), and what possibly is (counted from before
// a request is sent until it is certain that it is not, or no longer, so). From these follow two
// verdicts that cannot be wrong, whatever ran at the same time:
//
//   oversold              certainly taken > all supply that may have arrived
//   unjustified refusal   at every moment between a request and its refusal:
//                         supply that has arrived - possibly taken by others >= what was asked
//
// Units are units of stock at online places (Place::online); the shelves of the others are exact
// (records.h). Takings count at a place as far as it is known, else they float: they may be at any.
//
//   Claim claim(&books, {{item, 2}}, kNoPlace, {});   // before sending
//   ... Reserve is refused ...
//   if (claim.Refused()) ++unjustified;
#ifndef QUARTERMASTER_TOOLS_RETAIL_BOOKS_H_
#define QUARTERMASTER_TOOLS_RETAIL_BOOKS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/base/mutex.h"
#include "services/base/time.h"
#include "tools/retail/world.h"

namespace quartermaster::retail {

// How many units of an item; at most one per item in a list.
struct Want {
  ItemIndex item = 0;
  int64_t quantity = 0;
};

// A claim's view of one item while it is under way.
struct Watch {
  // kNoPlace: the whole online network.
  PlaceIndex place = kNoPlace;
  // The claim's own units, which count as possibly taken but not against itself.
  int64_t own = 0;
  // The least that was certainly free for the claim so far.
  int64_t free_min = 0;
};

// Thread-safe.
class Books {
 public:
  explicit Books(size_t items) : items_(items) {}

  // Before units are sent for receipt, and when that has been acknowledged.
  void SupplySent(ItemIndex item, int64_t quantity);
  void SupplyArrived(ItemIndex item, PlaceIndex place, int64_t quantity);

  // Changes what is possibly taken, at a place or (kNoPlace) floating.
  void AddPossible(ItemIndex item, PlaceIndex place, int64_t quantity);
  // Changes what is certainly taken.
  void AddSure(ItemIndex item, int64_t quantity);
  // Units of a hold, possibly taken as yet, that nobody will ever confirm: they are certainly taken
  // until `sure_until` (if that is still to come), and certainly free after `possible_until`.
  void Expire(ItemIndex item, int64_t quantity, Instant sure_until, Instant possible_until);

  void StartWatch(ItemIndex item, Watch* watch);
  void EndWatch(ItemIndex item, Watch* watch);

  // The greatest excess that was ever seen, summed up over items.
  int64_t Oversold() const;

 private:
  struct At {
    int64_t sure_supply = 0;
    int64_t possible_taken = 0;
  };
  struct ItemBooks {
    mutable Mutex mutex;
    int64_t possible_supply ABSL_GUARDED_BY(mutex) = 0;
    int64_t sure_supply ABSL_GUARDED_BY(mutex) = 0;
    int64_t sure_taken ABSL_GUARDED_BY(mutex) = 0;
    int64_t possible_taken ABSL_GUARDED_BY(mutex) = 0;
    // The part of possible_taken that is at no known place.
    int64_t floating ABSL_GUARDED_BY(mutex) = 0;
    absl::flat_hash_map<PlaceIndex, At> places ABSL_GUARDED_BY(mutex);
    // Moments at which units of holds leave either sum.
    std::multimap<Instant, int64_t> sure_ends ABSL_GUARDED_BY(mutex);
    std::multimap<Instant, int64_t> possible_ends ABSL_GUARDED_BY(mutex);
    std::vector<Watch*> watches ABSL_GUARDED_BY(mutex);
    int64_t oversold ABSL_GUARDED_BY(mutex) = 0;
  };

  static int64_t Free(const ItemBooks& books, PlaceIndex place)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(books.mutex);
  static void UpdateWatches(ItemBooks& books) ABSL_EXCLUSIVE_LOCKS_REQUIRED(books.mutex);
  static void Sweep(ItemBooks& books) ABSL_EXCLUSIVE_LOCKS_REQUIRED(books.mutex);

  std::vector<ItemBooks> items_;
};

// A request that may take units, from before it is sent until its answer. Counts what it asks as
// possibly taken. Not thread-safe; one per request.
class Claim {
 public:
  // `place`: where all of it would be taken (kNoPlace: anywhere online). `counts_at`: the place
  // that its units count at from the start (kNoPlace: they float). `held`: units that its caller
  // holds already and that the request may use.
  Claim(Books* books, std::vector<Want> wants, PlaceIndex place, PlaceIndex counts_at,
        const std::vector<Want>& held);
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;
  // Must have been answered.
  ~Claim();

  // It was refused and took nothing. True if all that it asked was certainly free all the time.
  bool Refused();
  // It was granted, perhaps in part (`granted` per want): counted as certainly taken from now on,
  // unless not `certain`. Returns how many wants got less than they asked although it was certainly
  // free all the time.
  int Granted(const std::vector<Want>& granted, bool certain = true);

 private:
  // Ends the watches; per want, whether it was certainly free.
  std::vector<bool> End();

  Books* books_;
  const std::vector<Want> wants_;
  const PlaceIndex counts_at_;
  std::vector<Watch> watches_;
  bool answered_ = false;
};

}  // namespace quartermaster::retail

#endif  // QUARTERMASTER_TOOLS_RETAIL_BOOKS_H_
