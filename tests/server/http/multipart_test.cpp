#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "server/http/multipart.hpp"

namespace khochung::http {
namespace {

/// What a reader told, written down as lines.
class Notes {
 public:
  FormEvents events() {
    return {[this](std::string name, std::string value) -> Result<void> {
              text += "field " + name + "=" + value + "\n";
              return {};
            },
            [this](std::string name, std::string file_name,
                   std::string media_type) -> Result<std::unique_ptr<PartSink>> {
              if (file_name == "unwanted") return std::unique_ptr<PartSink>();
              text += "file " + name + " " + file_name + " " + media_type + " ";
              return std::make_unique<Sink>(text);
            }};
  }

  std::string text;

 private:
  class Sink final : public PartSink {
   public:
    explicit Sink(std::string& text) : text_(text) {}
    Result<void> write(std::span<const std::byte> bytes) override {
      text_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      return {};
    }
    Result<void> finish() override {
      text_ += " end\n";
      return {};
    }

   private:
    std::string& text_;
  };
};

constexpr const char* content_type = "multipart/form-data; boundary=\"--x\"";

const std::string form =
    "preamble\r\n----x\r\n"
    "Content-Disposition: form-data; name=\"title\"\r\n\r\nĐẩy mạnh\r\n"
    "----x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"Qu%22yết; "
    "\\\"định\\\".pdf\""
    "\r\nContent-Type: application/PDF\r\n\r\n\r\n--\r\n----\r\n----y bytes\r\n"
    "----x \t\r\nContent-Disposition: form-data; name=file; filename=\"\"\r\n\r\n\r\n"
    "----x\r\nContent-Disposition: form-data; name=\"empty\"\r\n\r\n\r\n"
    "----x--\r\nepilogue ----x\r\n";

const std::string expected =
    "field title=Đẩy mạnh\n"
    "file file Qu\"yết; \"định\".pdf application/pdf \r\n--\r\n----\r\n----y bytes end\n"
    "file file  application/octet-stream  end\n"
    "field empty=\n";

Result<std::string> read(const std::vector<std::string_view>& chunks) {
  Notes notes;
  auto reader = KHOCHUNG_TRY(MultipartReader::begin(content_type, notes.events()));
  for (const auto chunk : chunks) {
    KHOCHUNG_CHECK(reader.write(std::as_bytes(std::span(chunk))));
  }
  KHOCHUNG_CHECK(reader.finish());
  return notes.text;
}

ErrorCode error_of(const std::string& text) {
  return read({text}).error().code;
}

std::string part(const std::string& head, const std::string& body) {
  return "----x\r\n" + head + "\r\n\r\n" + body + "\r\n----x--";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(multipart)

BOOST_AUTO_TEST_CASE(a_form_is_read_the_same_when_split_at_every_byte) {
  const std::string_view all = form;
  BOOST_TEST(read({all}).value() == expected);
  for (std::size_t cut = 0; cut <= all.size(); ++cut) {
    BOOST_TEST(read({all.substr(0, cut), all.substr(cut)}).value() == expected, "cut at " << cut);
  }
}

BOOST_AUTO_TEST_CASE(a_form_is_read_the_same_in_pieces_of_every_size) {
  const std::string_view all = form;
  for (std::size_t size = 1; size < 80; ++size) {
    std::vector<std::string_view> chunks;
    for (std::size_t at = 0; at < all.size(); at += size) chunks.push_back(all.substr(at, size));
    BOOST_TEST(read(chunks).value() == expected, "pieces of " << size);
  }
}

BOOST_AUTO_TEST_CASE(an_empty_form_is_one) {
  BOOST_TEST(read({"----x--"}).value().empty());
}

BOOST_AUTO_TEST_CASE(a_file_that_nobody_wants_is_passed_over) {
  const std::string bytes(100'000, 'a');
  const auto noted =
      read({"----x\r\nContent-Disposition: form-data; name=\"f\"; "
            "filename=\"unwanted\"\r\n\r\n" +
            bytes +
            "\r\n----x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb"
            "\r\n----x--"});
  BOOST_TEST(noted.value() == "field a=b\n");
}

BOOST_AUTO_TEST_CASE(what_is_cut_off_or_malformed_is_refused) {
  for (std::size_t cut = 0; cut < form.find("----x--") + 7; ++cut) {
    BOOST_TEST((error_of(form.substr(0, cut)) == ErrorCode::bad_input), "cut at " << cut);
  }
  BOOST_TEST((error_of("----xy\r\n") == ErrorCode::bad_input));
  BOOST_TEST((error_of("----x" + std::string(200, ' ')) == ErrorCode::bad_input));
  BOOST_TEST((error_of(part("Content-Type: text/plain", "a")) == ErrorCode::bad_input));
  BOOST_TEST((error_of(part("Content-Disposition: form-data", "a")) == ErrorCode::bad_input));
  BOOST_TEST((error_of(part("Content-Disposition: file; name=a", "a")) == ErrorCode::bad_input));
  BOOST_TEST(
      (error_of(part("Content-Disposition: form-data; name=a", "\xFF")) == ErrorCode::bad_input));
}

BOOST_AUTO_TEST_CASE(names_must_be_plain_text) {
  const auto error =
      read({part("Content-Disposition: form-data; name=f; filename=\"\xFF\"", "a")}).error();
  BOOST_TEST((error.reason == "bad_name"));
  BOOST_TEST((read({part("Content-Disposition: form-data; name=f; filename=\"a%0D%0Ab\"", "a")})
                  .error()
                  .reason == "bad_name"));
}

BOOST_AUTO_TEST_CASE(fields_and_heads_have_limits) {
  BOOST_TEST(
      read({part("Content-Disposition: form-data; name=a", std::string(65'536, 'x'))}).has_value());
  BOOST_TEST((error_of(part("Content-Disposition: form-data; name=a", std::string(65'537, 'x'))) ==
              ErrorCode::too_large));
  BOOST_TEST((error_of("----x\r\nX: " + std::string(9'000, 'x')) == ErrorCode::too_large));
  std::string many;
  for (int i = 0; i < 20'001; ++i) {
    many += "----x\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n";
  }
  BOOST_TEST((error_of(many) == ErrorCode::too_large));
}

BOOST_AUTO_TEST_CASE(an_error_of_the_sink_ends_the_reading) {
  FormEvents events;
  events.on_field = [](std::string, std::string) -> Result<void> { return {}; };
  events.on_file = [](std::string, std::string, std::string) -> Result<std::unique_ptr<PartSink>> {
    return fail(ErrorCode::disk_full, "full");
  };
  auto reader = MultipartReader::begin(content_type, std::move(events)).value();
  const auto text = part("Content-Disposition: form-data; name=f; filename=a", "bytes");
  const auto written = reader.write(std::as_bytes(std::span(text)));
  BOOST_TEST((written.error().code == ErrorCode::disk_full));
}

BOOST_AUTO_TEST_CASE(the_content_type_must_be_that_of_a_form) {
  for (const auto* type : {"", "text/plain", "multipart/form-data",
                           "multipart/form-data; boundary=", "multipart/mixed; boundary=x"}) {
    BOOST_TEST(!MultipartReader::begin(type, {}).has_value(), type);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::http
