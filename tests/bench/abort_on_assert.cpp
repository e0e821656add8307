#include <cstdio>
#include <cstdlib>

// Boost's assertions are ours to handle in every program (see CMakeLists.txt).
namespace boost {
void assertion_failed_msg(const char* expression, const char* message, const char* function,
                          const char* file, long line) {
  std::fprintf(stderr, "%s:%ld: %s: assertion %s failed: %s\n", file, line, function, expression,
               message);
  std::abort();
}
void assertion_failed(const char* expression, const char* function, const char* file, long line) {
  assertion_failed_msg(expression, "", function, file, line);
}
}  // namespace boost
