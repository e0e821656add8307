#define BOOST_TEST_MODULE khochung
#include <boost/test/unit_test.hpp>

#include <cstdio>
#include <cstdlib>

// Boost's assertions are ours to handle in every program (see CMakeLists.txt): a test stops at
// once.
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
