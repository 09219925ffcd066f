// Saver and Loader: the values of a program's state as bytes, and from bytes.
//
//   Saver save(sink);      save(inventory, orders);  save.Finish();
//   Loader load(source, size);  load(inventory, orders);  if (!load.ok()) ...
//
// What is saved is found out from the type: numbers, enums, text, the containers of the standard
// library and of Abseil, and structs, member by member, so that nobody forgets one that is added. A
// class with private state says what of it is saved, for both ways at once:
//
//   template <typename Archive, typename Self>
//   static void Persist(Archive& archive, Self& self) { archive(self.lines_, self.next_); }
//
// and makes the rest of it from that `if constexpr (Archive::kLoads)`. The same state gives the
// same bytes. They say nothing of what they are: who reads them must know that they were written by
// the same types (engine/checkpoint.h).
#ifndef QUARTERMASTER_SERVICES_BASE_PERSIST_H_
#define QUARTERMASTER_SERVICES_BASE_PERSIST_H_

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "services/base/varint.h"

namespace quartermaster {

namespace persist {

template <typename T>
inline constexpr bool kIsOptional = false;
template <typename T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

// Stands for a member of any type. Not for an optional, which makes itself of its value's type.
struct AnyMember {
  template <typename T, std::enable_if_t<!kIsOptional<T>, int> = 0>
  // NOLINTNEXTLINE(google-explicit-constructor): it stands in a list of initial values
  operator T() const;
};

// How many members a struct has: as many values as it can be made of.
template <typename T, typename... Members>
constexpr size_t CountMembers() {
  if constexpr (requires { T{Members{}..., AnyMember{}}; }) {
    return CountMembers<T, Members..., AnyMember>();
  } else {
    return sizeof...(Members);
  }
}

// Calls visit(member...) with all members of a struct.
template <typename T, typename Visit>
void VisitMembers(T& of, const Visit& visit) {
  constexpr size_t kMembers = CountMembers<std::remove_const_t<T>>();
  static_assert(0 < kMembers && kMembers <= 24, "give it a Persist of its own");
  // clang-format off
  if constexpr (kMembers == 1) { auto& [a] = of; visit(a); }
  if constexpr (kMembers == 2) { auto& [a, b] = of; visit(a, b); }
  if constexpr (kMembers == 3) { auto& [a, b, c] = of; visit(a, b, c); }
  if constexpr (kMembers == 4) { auto& [a, b, c, d] = of; visit(a, b, c, d); }
  if constexpr (kMembers == 5) { auto& [a, b, c, d, e] = of; visit(a, b, c, d, e); }
  if constexpr (kMembers == 6) { auto& [a, b, c, d, e, f] = of; visit(a, b, c, d, e, f); }
  if constexpr (kMembers == 7) { auto& [a, b, c, d, e, f, g] = of; visit(a, b, c, d, e, f, g); }
  if constexpr (kMembers == 8) {
    auto& [a, b, c, d, e, f, g, h] = of; visit(a, b, c, d, e, f, g, h);
  }
  if constexpr (kMembers == 9) {
    auto& [a, b, c, d, e, f, g, h, i] = of; visit(a, b, c, d, e, f, g, h, i);
  }
  if constexpr (kMembers == 10) {
    auto& [a, b, c, d, e, f, g, h, i, j] = of; visit(a, b, c, d, e, f, g, h, i, j);
  }
  if constexpr (kMembers == 11) {
    auto& [a, b, c, d, e, f, g, h, i, j, k] = of; visit(a, b, c, d, e, f, g, h, i, j, k);
  }
  if constexpr (kMembers == 12) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l] = of; visit(a, b, c, d, e, f, g, h, i, j, k, l);
  }
  if constexpr (kMembers == 13) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m] = of;
    visit(a, b, c, d, e, f, g, h, i, j, k, l, m);
  }
  if constexpr (kMembers == 14) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = of;
    visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n);
  }
  if constexpr (kMembers == 15) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o] = of;
    visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o);
  }
  if constexpr (kMembers == 16) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = of;
    visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p);
  }
  if constexpr (kMembers == 17) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q] = of;
    visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q);
  }
  if constexpr (kMembers == 18) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r] = of;
    visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r);
  }
  if constexpr (kMembers == 19) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s] = of;
    visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s);
  }
  if constexpr (kMembers == 20) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t] = of;
    visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t);
  }
  if constexpr (kMembers == 21) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u] = of;
    visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u);
  }
  if constexpr (kMembers == 22) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v] = of;
    visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v);
  }
  if constexpr (kMembers == 23) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w] = of;
    visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w);
  }
  if constexpr (kMembers == 24) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x] = of;
    visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x);
  }
  // clang-format on
}

template <typename T, typename Archive>
concept Persistent = requires(Archive& archive, T& value) {
  std::remove_const_t<T>::Persist(archive, value);
};
template <typename T>
concept Bits = std::same_as<T, std::vector<bool>>;
template <typename T>
concept Tuple = requires {
  std::tuple_size<T>::value;
};  // pairs, tuples and arrays, too
template <typename T>
concept Associative = requires {
  typename T::key_type;
};
template <typename T>
concept Map = Associative<T> && requires {
  typename T::mapped_type;
};
template <typename T>
concept Hashed = Associative<T> && requires {
  typename T::hasher;
};
template <typename T>
concept Sequence =
    !Associative<T> && !std::same_as<T, std::string> && !Bits<T> && !Tuple<T> && requires(T & c) {
  c.emplace_back();
};

}  // namespace persist

// Not thread-safe.
class Saver {
 public:
  static constexpr bool kLoads = false;
  // Gets the bytes, in order, piece by piece.
  using Sink = std::function<void(std::string_view)>;

  explicit Saver(Sink sink) : sink_(std::move(sink)) { buffer_.reserve(kPieceBytes + kNumberMax); }

  template <typename... Values>
  void operator()(const Values&... values) {
    (Save(values), ...);
  }
  // Hands out what is left. Once, at the end.
  void Finish() { Flush(); }

 private:
  static constexpr size_t kPieceBytes = 1 << 20;
  static constexpr size_t kNumberMax = kVarintBytesMax<uint64_t>;

  void Flush() {
    if (!buffer_.empty()) sink_(buffer_);
    buffer_.clear();
  }
  void Bytes(const void* bytes, size_t size) {
    if (buffer_.size() + size > kPieceBytes) Flush();
    if (size > kPieceBytes) return sink_({static_cast<const char*>(bytes), size});
    buffer_.append(static_cast<const char*>(bytes), size);
  }
  void Number(uint64_t number) {
    char bytes[kNumberMax];
    Bytes(bytes, static_cast<size_t>(PutVarint(bytes, number) - bytes));
  }

  template <typename T>
  void Save(const T& value) {
    if constexpr (persist::Persistent<const T, Saver>) {
      T::Persist(*this, value);
    } else if constexpr (std::is_enum_v<T>) {
      Save(static_cast<std::underlying_type_t<T>>(value));
    } else if constexpr (std::same_as<T, bool>) {
      Number(value ? 1 : 0);
    } else if constexpr (std::same_as<T, uint64_t>) {
      Bytes(&value, sizeof(value));  // a key or a fingerprint: it has no small values
    } else if constexpr (std::unsigned_integral<T>) {
      Number(value);
    } else if constexpr (std::signed_integral<T>) {
      const auto wide = static_cast<int64_t>(value);
      Number(static_cast<uint64_t>(wide) << 1 ^ static_cast<uint64_t>(wide >> 63));
    } else if constexpr (std::same_as<T, std::string> || std::same_as<T, std::string_view>) {
      Number(value.size());
      Bytes(value.data(), value.size());
    } else if constexpr (persist::kIsOptional<T>) {
      Save(value.has_value());
      if (value) Save(*value);
    } else if constexpr (persist::Bits<T>) {
      Number(value.size());
      for (size_t i = 0; i < value.size(); i += 8) {
        uint8_t byte = 0;
        for (size_t bit = 0; bit < 8 && i + bit < value.size(); ++bit) {
          byte |= static_cast<uint8_t>(value[i + bit] ? 1U << bit : 0);
        }
        Bytes(&byte, 1);
      }
    } else if constexpr (persist::Tuple<T>) {
      std::apply([this](const auto&... members) { (*this)(members...); }, value);
    } else if constexpr (persist::Hashed<T>) {
      std::vector<const typename T::value_type*> sorted;
      sorted.reserve(value.size());
      for (const auto& entry : value) sorted.push_back(&entry);
      std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) {
        if constexpr (persist::Map<T>) {
          return a->first < b->first;
        } else {
          return *a < *b;
        }
      });
      Number(value.size());
      for (const auto* const entry : sorted) Save(*entry);
    } else if constexpr (persist::Associative<T> || persist::Sequence<T>) {
      Number(value.size());
      for (const auto& entry : value) Save(entry);
    } else {
      persist::VisitMembers(value, [this](const auto&... members) { (*this)(members...); });
    }
  }

  const Sink sink_;
  std::string buffer_;
};

// Not thread-safe. Of bytes that were not saved by the same types come wrong values, or ok() is
// false; and as much memory as they say, a container's values being as many as there are bytes at
// most.
class Loader {
 public:
  static constexpr bool kLoads = true;
  // The next piece of the bytes; empty at the end. Valid until the next call.
  using Source = std::function<std::string_view()>;

  // `size` is how many bytes there are: no more values are made than there can be.
  Loader(Source source, uint64_t size) : source_(std::move(source)), unread_(size) {}

  // Makes each value that of the bytes. Containers must be empty.
  template <typename... Values>
  void operator()(Values&... values) {
    (Load(values), ...);
  }
  // False once bytes were missing, or did not fit.
  bool ok() const { return ok_; }
  void Fail() { ok_ = false; }
  // Whether all bytes have been read.
  bool done() const { return unread_ == 0; }

 private:
  // Brings `size` bytes into one piece. False if there are no more.
  bool Need(size_t size) {
    if (size <= piece_.size()) return true;
    if (size > unread_) return false;
    if (piece_.empty()) {
      piece_ = source_();
      if (size <= piece_.size()) return true;
    }
    std::string joined(piece_);
    while (joined.size() < size) {
      const std::string_view more = source_();
      if (more.empty()) return false;
      joined.append(more);
    }
    joined_ = std::move(joined);
    piece_ = joined_;
    return true;
  }
  void Take(size_t size) {
    piece_.remove_prefix(size);
    unread_ -= size;
  }
  bool Bytes(void* to, size_t size) {
    ok_ = ok_ && Need(size);
    if (!ok_) return false;
    std::memcpy(to, piece_.data(), size);
    Take(size);
    return true;
  }
  uint64_t Number() {
    constexpr size_t kMost = kVarintBytesMax<uint64_t>;
    // At the end of all bytes there may be fewer.
    if (piece_.size() < kMost && unread_ > piece_.size()) {
      ok_ = ok_ && Need(static_cast<size_t>(std::min<uint64_t>(kMost, unread_)));
    }
    uint64_t number = 0;
    if (!ok_) return 0;
    for (size_t i = 0; i < std::min(kMost, piece_.size()); ++i) {
      const auto byte = static_cast<uint8_t>(piece_[i]);
      number |= static_cast<uint64_t>(byte & 0x7F) << (7 * i);
      if (byte < 0x80) {
        Take(i + 1);
        return number;
      }
    }
    Fail();
    return 0;
  }
  // A size of something of which each takes a byte at least, but `per_byte` of bits.
  size_t Size(size_t per_byte = 1) {
    const uint64_t size = Number();
    if (size / per_byte > unread_) Fail();
    return ok_ ? static_cast<size_t>(size) : 0;
  }
  template <typename T>
  T Make() {
    T value{};
    Load(value);
    return value;
  }

  template <typename T>
  void Load(T& value) {
    if constexpr (persist::Persistent<T, Loader>) {
      T::Persist(*this, value);
    } else if constexpr (std::is_enum_v<T>) {
      value = static_cast<T>(Make<std::underlying_type_t<T>>());
    } else if constexpr (std::same_as<T, bool>) {
      value = Number() != 0;
    } else if constexpr (std::same_as<T, uint64_t>) {
      Bytes(&value, sizeof(value));
    } else if constexpr (std::unsigned_integral<T>) {
      value = static_cast<T>(Number());
    } else if constexpr (std::signed_integral<T>) {
      const uint64_t number = Number();
      value = static_cast<T>(static_cast<int64_t>(number >> 1 ^ (~(number & 1) + 1)));
    } else if constexpr (std::same_as<T, std::string>) {
      const size_t size = Size();
      ok_ = ok_ && Need(size);
      if (!ok_) return;
      value.assign(piece_.data(), size);
      Take(size);
    } else if constexpr (persist::kIsOptional<T>) {
      if (Make<bool>()) Load(value.emplace());
    } else if constexpr (persist::Bits<T>) {
      value.resize(Size(8));
      for (size_t i = 0; i < value.size() && ok_; i += 8) {
        uint8_t byte = 0;
        Bytes(&byte, 1);
        for (size_t bit = 0; bit < 8 && i + bit < value.size(); ++bit) {
          value[i + bit] = (byte >> bit & 1) != 0;
        }
      }
    } else if constexpr (persist::Tuple<T>) {
      std::apply([this](auto&... members) { (*this)(members...); }, value);
    } else if constexpr (persist::Associative<T>) {
      const size_t size = Size();
      if constexpr (persist::Hashed<T>) value.reserve(size);
      for (size_t i = 0; i < size && ok_; ++i) {
        if constexpr (persist::Map<T>) {
          auto key = Make<typename T::key_type>();
          auto mapped = Make<typename T::mapped_type>();
          value.emplace_hint(value.end(), std::move(key), std::move(mapped));
        } else {
          value.emplace_hint(value.end(), Make<typename T::key_type>());
        }
      }
    } else if constexpr (persist::Sequence<T>) {
      const size_t size = Size();
      value.clear();
      if constexpr (requires { value.reserve(size); }) value.reserve(size);
      for (size_t i = 0; i < size && ok_; ++i) Load(value.emplace_back());
    } else {
      persist::VisitMembers(value, [this](auto&... members) { (*this)(members...); });
    }
  }

  const Source source_;
  // Of all bytes, those that have not been taken.
  uint64_t unread_;
  // What has come and has not been taken; joined_ if a value reaches over two pieces.
  std::string_view piece_;
  std::string joined_;
  bool ok_ = true;
};

}  // namespace quartermaster

#endif  // QUARTERMASTER_SERVICES_BASE_PERSIST_H_
