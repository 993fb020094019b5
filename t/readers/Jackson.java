/*
 * Copyright (C) llm-policy authors
 *
 * Jackson: builds a tree from bytes and guesses their encoding; takes the last
 * of equal names, and anything after the document.  reader.hh describes the
 * protocol.
 */

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

public class Jackson {

    public static void main(String[] args) throws IOException {
        InputStream in = System.in;
        ObjectMapper mapper = new ObjectMapper();
        String line;

        while ((line = readLine(in)) != null) {
            String[] fields = line.split(" ");
            byte[] body = in.readNBytes(Integer.parseInt(fields[0]));

            System.out.println(answer(mapper, body, fields));
        }
    }

    private static String readLine(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int c;

        while ((c = in.read()) != '\n') {
            if (c < 0) {
                return null;
            }

            line.write(c);
        }

        return line.toString(StandardCharsets.UTF_8);
    }

    private static String answer(ObjectMapper mapper, byte[] body,
            String[] fields) {
        List<String> words = new ArrayList<>();
        JsonNode document;

        try {
            document = mapper.readTree(body);
        } catch (IOException | StackOverflowError e) {
            return "rejected";
        }

        for (int i = 1; i < fields.length; i++) {
            List<String> found = new ArrayList<>();

            lookUp(document, fields[i].split("/"), 0, found);
            words.add(found.isEmpty() ? "-" : String.join(",", found));
        }

        return String.join(" ", words);
    }

    private static void lookUp(JsonNode node, String[] steps, int step,
            List<String> found) {
        if (step == steps.length) {
            found.add(text(node));

        } else if (!steps[step].equals("*")) {
            JsonNode child = node.get(steps[step]);

            if (child != null) {
                lookUp(child, steps, step + 1, found);
            } else if (!Arrays.asList(steps).subList(step, steps.length)
                    .contains("*")) {
                found.add("absent");
            }

        } else if (node.isArray()) {
            for (JsonNode element : node) {
                lookUp(element, steps, step + 1, found);
            }

        }
    }

    private static String text(JsonNode node) {
        if (node.isNumber()) {
            double number = node.doubleValue();

            return Double.isInfinite(number) ? number > 0 ? "inf" : "-inf"
                : Double.toString(number).replaceFirst("\\.0$", "");
        }

        if (!node.isTextual()) {
            return node.isNull() ? "null"
                : node.isBoolean() ? node.asText() : "other";
        }

        StringBuilder text = new StringBuilder("\"");

        for (byte b : node.textValue().getBytes(StandardCharsets.UTF_8)) {
            if (b <= ' ' || b == 0x7f || b == '%' || b == ',') {
                text.append(String.format("%%%02X", b & 0xff));
            } else {
                text.append((char) b);
            }
        }

        return text.toString();
    }
}
