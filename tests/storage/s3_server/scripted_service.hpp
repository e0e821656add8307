#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "storage/blobs/s3_store.hpp"
#include "tests/storage/s3_server/fault_proxy.hpp"

namespace khochung::storage {

inline std::string answer_of(const std::string& status, const std::string& fields = "",
                             const std::string& body = "") {
  return "HTTP/1.1 " + status + "\r\n" + fields + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

inline std::string xml_answer(const std::string& xml) {
  return answer_of("200 OK", "", xml);
}

inline std::string part_answer(const std::string& range, const std::string& body) {
  return answer_of("206 Partial Content", "Content-Range: " + range + "\r\n", body);
}

/// To HEAD: an object of so many bytes.
inline std::string head_answer(std::uint64_t size_bytes, const std::string& etag = "\"0\"") {
  return "HTTP/1.1 200 OK\r\nETag: " + etag + "\r\nContent-Length: " + std::to_string(size_bytes) +
         "\r\n\r\n";
}

inline const std::string refusal = answer_of("403 Forbidden");
inline const std::string absent = answer_of("404 Not Found");
inline const std::string done = answer_of("204 No Content");
inline const std::string taken = answer_of("200 OK", "ETag: \"0\"\r\n");
inline const std::string empty_list = xml_answer("<ListBucketResult/>");
inline const std::string no_uploads = xml_answer("<ListMultipartUploadsResult/>");
inline const std::string begun = xml_answer(
    "<InitiateMultipartUploadResult><UploadId>7</UploadId></InitiateMultipartUploadResult>");

/// A service that says, one after the other, what a test wrote down; then 403. Nothing is asked
/// twice, unless a test is after that.
struct ScriptedService {
  explicit ScriptedService(std::deque<std::string> first = {}) : answers(std::move(first)) {}

  void say(std::deque<std::string> next) {
    const std::scoped_lock lock(mutex);
    answers = std::move(next);
    bodies.clear();
    proxy.requests();
  }
  /// The requests since then, "PUT /archive/key" each; all answers have been given.
  std::vector<std::string> asked() {
    const std::scoped_lock lock(mutex);
    return answers.empty() ? proxy.requests() : std::vector<std::string>{"there are answers left"};
  }

  /// What came with the last request.
  std::string last_body() {
    const std::scoped_lock lock(mutex);
    return bodies.empty() ? "" : bodies.back();
  }

  std::string next(const std::string& body) {
    const std::scoped_lock lock(mutex);
    bodies.push_back(body);
    if (answers.empty()) return refusal;
    auto answer = std::move(answers.front());
    answers.pop_front();
    return answer;
  }

  [[nodiscard]] S3Address address() const {
    S3Address made;
    made.endpoint = proxy.endpoint();
    made.bucket = "archive";
    return made;
  }

  std::mutex mutex;
  std::deque<std::string> answers;
  std::vector<std::string> bodies;
  FaultProxy proxy{[this](const std::string&, const std::string& body) { return next(body); }};
  S3Patience patience{.attempts = 1, .wait = [](std::chrono::milliseconds) {}};
  S3Client client{address(), {"key", "secret"}, patience};
  S3Bucket bucket{client};
};

}  // namespace khochung::storage
