import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Prints every record a topic holds at the moment, a JSON object a line: {partition, offset, timestamp, key, value,
 * headers}, with keys and values in base64 or null and headers as pairs; the partitions' records interleaved.
 *
 * Arguments: the settings of the consumer, a JSON object; the topic.
 */
public final class Consume {
  private static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] args) throws Exception {
    @SuppressWarnings("unchecked")
    Map<String, Object> settings = JSON.readValue(args[0], Map.class);
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    var bytes = new ByteArrayDeserializer();
    try (var consumer = new KafkaConsumer<byte[], byte[]>(settings, bytes, bytes)) {
      List<TopicPartition> partitions = consumer.partitionsFor(args[1]).stream()
          .map(info -> new TopicPartition(info.topic(), info.partition()))
          .toList();
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          out.println(told(record));
        }
      }
    }
    out.flush();
    System.exit(0);
  }

  private static ObjectNode told(ConsumerRecord<byte[], byte[]> record) {
    ObjectNode told = JSON.createObjectNode();
    told.put("partition", record.partition()).put("offset", record.offset()).put("timestamp", record.timestamp());
    told.put("key", record.key()).put("value", record.value());
    var headers = told.putArray("headers");
    for (Header header : record.headers()) headers.addArray().add(header.key()).add(header.value());
    return told;
  }
}
