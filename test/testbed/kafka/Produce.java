import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Writes what standard input says, a JSON object a line: a record {topic, partition?, key?, value, headers?, timestamp?}
 * or a step {step: flush | begin | commit | abort}. Keys and values are base64 or null, headers are pairs. Records up to
 * a flush make one batch for each partition, when it holds them. Prints {topic, partition, offset, timestamp} for each
 * record, in order. A transaction that is open at the end stays open, as if the producer had died.
 *
 * Argument: the settings of the producer, a JSON object.
 */
public final class Produce {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final KafkaProducer<byte[], byte[]> producer;
  private final Queue<Future<RecordMetadata>> sent = new ArrayDeque<>();
  private final PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);

  private Produce(Map<String, Object> settings) {
    producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    if (settings.containsKey("transactional.id")) producer.initTransactions();
  }

  public static void main(String[] args) throws Exception {
    @SuppressWarnings("unchecked")
    Map<String, Object> settings = JSON.readValue(args[0], Map.class);
    Produce produce = new Produce(settings);
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) produce.take(JSON.readTree(line));
    produce.flush();
    System.exit(0);
  }

  private void take(JsonNode line) throws Exception {
    switch (line.path("step").asText()) {
      case "" -> sent.add(producer.send(recordOf(line)));
      case "flush" -> flush();
      case "begin" -> producer.beginTransaction();
      case "commit" -> {
        flush();
        producer.commitTransaction();
      }
      case "abort" -> {
        flush();
        producer.abortTransaction();
      }
      default -> throw new IllegalArgumentException("no such step: " + line);
    }
  }

  private void flush() throws Exception {
    producer.flush();
    for (Future<RecordMetadata> future = sent.poll(); future != null; future = sent.poll()) {
      RecordMetadata ack = future.get();
      var told = JSON.createObjectNode();
      told.put("topic", ack.topic()).put("partition", ack.partition());
      told.put("offset", ack.offset()).put("timestamp", ack.timestamp());
      out.println(told);
    }
    out.flush();
  }

  private static ProducerRecord<byte[], byte[]> recordOf(JsonNode line) throws Exception {
    Integer partition = line.has("partition") ? line.get("partition").intValue() : null;
    Long timestamp = line.has("timestamp") ? line.get("timestamp").longValue() : null;
    String topic = line.get("topic").textValue();
    var record = new ProducerRecord<>(topic, partition, timestamp, bytesOf(line.get("key")), bytesOf(line.get("value")));
    for (JsonNode header : line.path("headers")) {
      record.headers().add(header.get(0).textValue(), bytesOf(header.get(1)));
    }
    return record;
  }

  private static byte[] bytesOf(JsonNode text) throws Exception {
    return text == null || text.isNull() ? null : text.binaryValue();
  }
}
