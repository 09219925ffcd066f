// Boxed: an optional whose value lies on the heap. For what is large and seldom there, in what is
// small and made often.
#ifndef QUARTERMASTER_SERVICES_BASE_BOXED_H_
#define QUARTERMASTER_SERVICES_BASE_BOXED_H_

#include <memory>
#include <optional>
#include <utility>

namespace quartermaster {

// Copies its value when it is copied. Converts from values and from optionals, as an optional does.
template <typename T>
class Boxed {
 public:
  Boxed() = default;
  // NOLINTBEGIN(google-explicit-constructor): in the place of an optional
  Boxed(T value) : value_(std::make_unique<T>(std::move(value))) {}
  Boxed(std::optional<T> value) {
    if (value) value_ = std::make_unique<T>(*std::move(value));
  }
  // NOLINTEND(google-explicit-constructor)
  Boxed(const Boxed& other) : value_(other ? std::make_unique<T>(*other) : nullptr) {}
  Boxed(Boxed&&) noexcept = default;
  Boxed& operator=(const Boxed& other) { return *this = Boxed(other); }
  Boxed& operator=(Boxed&&) noexcept = default;
  ~Boxed() = default;

  explicit operator bool() const { return value_ != nullptr; }
  bool has_value() const { return value_ != nullptr; }
  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return value_.get(); }
  const T* operator->() const { return value_.get(); }

  friend bool operator==(const Boxed& a, const Boxed& b) {
    if (!a || !b) return !a && !b;
    return *a == *b;
  }

 private:
  std::unique_ptr<T> value_;
};

}  // namespace quartermaster

#endif  // QUARTERMASTER_SERVICES_BASE_BOXED_H_
