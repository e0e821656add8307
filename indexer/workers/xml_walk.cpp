#include "indexer/workers/xml_walk.hpp"

#include <libxml/xmlreader.h>

#include <limits>
#include <memory>

namespace khochung::workers {
namespace {

std::string_view view_of(const xmlChar* text) {
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

void be_quiet(void* /*closure*/, const char* /*message*/, xmlParserSeverities /*severity*/,
              xmlTextReaderLocatorPtr /*locator*/) {}

tl::unexpected<Error> damaged(const char* what) {
  return fail(ErrorCode::unsupported, "damaged_file", what);
}

}  // namespace

std::string XmlStep::attribute(const char* name) const {
  const std::unique_ptr<xmlChar, decltype(xmlFree)> value(
      xmlTextReaderGetAttribute(reader_, reinterpret_cast<const xmlChar*>(name)), xmlFree);
  return std::string(view_of(value.get()));
}

Result<void> walk_xml(std::string_view xml, const std::function<void(const XmlStep&)>& take) {
  if (xml.size() > std::numeric_limits<int>::max()) return damaged("XML too large");
  const std::unique_ptr<xmlTextReader, decltype(&xmlFreeTextReader)> reader(
      xmlReaderForMemory(xml.data(), static_cast<int>(xml.size()), nullptr, nullptr,
                         XML_PARSE_NONET | XML_PARSE_COMPACT),
      &xmlFreeTextReader);
  if (!reader) return damaged("XML");
  xmlTextReaderSetErrorHandler(reader.get(), &be_quiet, nullptr);
  int status = 0;
  while ((status = xmlTextReaderRead(reader.get())) == 1) {
    const auto name = view_of(xmlTextReaderConstLocalName(reader.get()));
    switch (xmlTextReaderNodeType(reader.get())) {
      case XML_READER_TYPE_ELEMENT: {
        const bool is_empty = xmlTextReaderIsEmptyElement(reader.get()) == 1;
        take(XmlStep(XmlStep::Kind::start, name, {}, reader.get()));
        if (is_empty) take(XmlStep(XmlStep::Kind::end, name, {}, reader.get()));
        break;
      }
      case XML_READER_TYPE_END_ELEMENT:
        take(XmlStep(XmlStep::Kind::end, name, {}, reader.get()));
        break;
      case XML_READER_TYPE_TEXT:
      case XML_READER_TYPE_CDATA:
      case XML_READER_TYPE_SIGNIFICANT_WHITESPACE:
        take(XmlStep(XmlStep::Kind::text, {}, view_of(xmlTextReaderConstValue(reader.get())),
                     reader.get()));
        break;
      case XML_READER_TYPE_DOCUMENT_TYPE: return damaged("a document type in an office file");
      default: break;
    }
  }
  return status == 0 ? Result<void>() : damaged("XML is not well-formed");
}

}  // namespace khochung::workers
