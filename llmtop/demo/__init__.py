"""Made-up traffic of an imaginary company's LLM applications, for a first look and for tests."""
