// Sources: who tells us facts, in messages that may come twice, late, or never. A source is
// whatever numbers its messages in one sequence: a warehouse system, a till.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_SOURCES_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_SOURCES_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_set.h"
#include "services/base/time.h"
#include "services/stock/domain/directory.h"
#include "services/stock/domain/ids.h"

namespace quartermaster::stock {

// Which message of which source tells a fact; as it is asked.
struct SourceMessage {
  // Empty: the fact comes from no source that numbers its messages.
  std::string source;
  // From 1; 0: this message has no number.
  int64_t sequence = 0;
  // Unique within the source. Empty: the number is the message's id.
  std::string id;

  friend bool operator==(const SourceMessage&, const SourceMessage&) = default;
};

// The same as it is logged.
struct MessageRef {
  SourceIndex source = SourceIndex::kNone;
  int64_t sequence = 0;
  std::string id;
  // Of the message's content, to tell a duplicate from a changed one.
  uint64_t fingerprint = 0;

  friend bool operator==(const MessageRef&, const MessageRef&) = default;
};

// Numbers that a source skipped, both included.
struct SequenceGap {
  int64_t first = 0;
  int64_t last = 0;

  friend bool operator==(const SequenceGap&, const SequenceGap&) = default;
};

// What has come from one source. Not thread-safe.
class Source {
 public:
  // What would be missing between this number and those that have come.
  std::optional<SequenceGap> GapOpenedBy(int64_t sequence) const {
    if (sequence == 0 || last_ == 0) return std::nullopt;
    if (sequence > last_ + 1) return SequenceGap{last_ + 1, sequence - 1};
    if (sequence < first_ - 1) return SequenceGap{sequence + 1, first_ - 1};
    return std::nullopt;
  }
  // Whether it is all that is missing.
  bool IsLastMissing(int64_t sequence) const {
    return missing_.size() == 1 && missing_.begin()->first == sequence &&
           missing_.begin()->second == sequence;
  }
  // Whether nothing is missing once everything up to here is accepted.
  bool IsClosedBy(int64_t sequence) const {
    return suspect() && missing_.rbegin()->second <= sequence;
  }
  // A message has come that had not come before.
  void Note(int64_t sequence) {
    ++messages_;
    if (sequence > 0) NoteSequence(sequence);
  }
  void NoteSequence(int64_t sequence);
  // Whether a count has all that the source tells: it is full at these locations, ascending.
  bool IsCountedBy(const std::vector<LocationIndex>& full_at) const {
    return std::includes(full_at.begin(), full_at.end(), told_of.begin(), told_of.end());
  }
  // Such a count has everything up to here, whether it came or not.
  void AcceptThrough(int64_t sequence);

  // The numbers that have come reach from `first` to `last`, but for the gaps; 0: none has.
  int64_t first() const { return first_; }
  int64_t last() const { return last_; }
  // By their first number, to their last; and how many they are.
  const std::map<int64_t, int64_t>& missing() const { return missing_; }
  int64_t missing_messages() const { return missing_messages_; }
  // Something that it told has not come: what we have of it cannot be right.
  bool suspect() const { return !missing_.empty(); }
  int64_t messages() const { return messages_; }

  // The locations of its facts.
  absl::btree_set<LocationIndex> told_of;
  // Since when it is suspect.
  Instant suspect_since;
  // Its latest count that was applied; kNone: none was.
  CountIndex last_count = CountIndex::kNone;
  // The last of its facts that can no longer be told one by one (recent_facts.h).
  int64_t forgotten_sequence = 0;
  Instant forgotten_time = kDistantPast;

  // base/persist.h
  template <typename Archive, typename Self>
  static void Persist(Archive& archive, Self& self) {
    archive(self.told_of, self.suspect_since, self.last_count, self.forgotten_sequence,
            self.forgotten_time, self.first_, self.last_, self.missing_, self.missing_messages_,
            self.messages_);
  }

 private:
  int64_t first_ = 0;
  int64_t last_ = 0;
  // None is empty or next to another.
  std::map<int64_t, int64_t> missing_;
  int64_t missing_messages_ = 0;
  int64_t messages_ = 0;
};

// All sources, by name and by index. Not thread-safe.
struct SourceTable {
  Directory<SourceIndex> names;
  // By SourceIndex; the first is nobody's, and has what came from no source.
  std::vector<Source> sources{1};
  // How many are suspect, and how many gaps ever opened.
  int64_t suspects = 0;
  int64_t gaps_opened = 0;

  const Source& At(SourceIndex source) const { return sources[static_cast<uint32_t>(source)]; }
  Source& At(SourceIndex source) { return sources[static_cast<uint32_t>(source)]; }
  // Changes a source by change(Source&), as to what is missing of it.
  template <typename Change>
  void Update(SourceIndex index, const Change& change) {
    Source& source = At(index);
    suspects -= source.suspect() ? 1 : 0;
    change(source);
    suspects += source.suspect() ? 1 : 0;
  }
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_SOURCES_H_
