// QM_CHECK(condition) << "context": a broken invariant ends the process, in every build. For
// defects of ours only; bad input is a Status or a rejection.
#ifndef QUARTERMASTER_SERVICES_BASE_CHECK_H_
#define QUARTERMASTER_SERVICES_BASE_CHECK_H_

#include <sstream>

namespace quartermaster {

class CheckFailure {
 public:
  CheckFailure(const char* file, int line, const char* condition);
  // Prints the message to standard error and aborts.
  [[noreturn]] ~CheckFailure();
  std::ostream& stream() { return stream_; }

 private:
  std::ostringstream stream_;
};

// Gives both arms of QM_CHECK's conditional the type void.
struct CheckVoidify {
  void operator&(std::ostream&) const {}
};

}  // namespace quartermaster

#define QM_CHECK(condition)                       \
  (condition) ? (void)0                           \
              : ::quartermaster::CheckVoidify() & \
                    ::quartermaster::CheckFailure(__FILE__, __LINE__, #condition).stream()

#endif  // QUARTERMASTER_SERVICES_BASE_CHECK_H_
